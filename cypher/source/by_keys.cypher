// The nodes that have some keys, as they are compared with what an import says of them.
// access: read
// $batch map: keys
// example: {"batch": {"keys": ["00"]}}
UNWIND $batch.keys AS key
MATCH (n:TaxonomyNode {key: key})
RETURN collect({key: key, node: n {.*, kind: [label IN labels(n) WHERE label <> 'TaxonomyNode'][0], parents: COLLECT { MATCH (above)-[:CONTAINS]->(n) RETURN above.id ORDER BY above.id }, created_at: null, updated_at: null}}) AS found
