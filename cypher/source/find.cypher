// The nodes that concepts of vocabularies are, by their source keys; a concept that was merged is found, too.
// access: read
// $batch map: keys, source keys
// example: {"batch": {"keys": ["00"]}}
UNWIND $batch.keys AS key
CALL (key) {
  MATCH (n:TaxonomyNode {source_key: key})
  RETURN n, false AS merged
  UNION
  MATCH (:Alias {source_key: key})-[:OF]->(n:TaxonomyNode)
  RETURN n, true AS merged LIMIT 1
}
RETURN collect({key: key, merged: merged, leaving: EXISTS { (n)<-[:ABOUT]-(:Proposal {kind: 'remove', state: 'open', source: 'import'}) }, node: n {.*, kind: [label IN labels(n) WHERE label <> 'TaxonomyNode'][0], parents: COLLECT { MATCH (above)-[:CONTAINS]->(n) RETURN above.id ORDER BY above.id }, created_at: null, updated_at: null}}) AS found
