// The nodes that concepts of vocabularies are, by the keys of their notations; a concept that was merged is found, too.
// access: read
// $batch map: keys, notation keys
// example: {"batch": {"keys": ["00"]}}
UNWIND $batch.keys AS key
CALL (key) {
  MATCH (n:TaxonomyNode {notation_key: key})
  RETURN n, false AS merged ORDER BY n.id LIMIT 2
  UNION
  MATCH (:Alias {notation_key: key})-[:OF]->(n:TaxonomyNode)
  RETURN n, true AS merged LIMIT 1
}
RETURN collect({key: key, merged: merged, leaving: EXISTS { (n)<-[:ABOUT]-(:Proposal {kind: 'remove', state: 'open', source: 'import'}) }, node: n {.*, kind: [label IN labels(n) WHERE label <> 'TaxonomyNode'][0], parents: COLLECT { MATCH (above)-[:CONTAINS]->(n) RETURN above.id ORDER BY above.id }, created_at: null, updated_at: null}}) AS found
