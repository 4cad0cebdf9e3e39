// One node.
// access: read
// $id string: the node's id
// example: {"id": "0190"}
MATCH (n:TaxonomyNode {id: $id})
RETURN n {.*, kind: [label IN labels(n) WHERE label <> 'TaxonomyNode'][0], parents: COLLECT { MATCH (above)-[:CONTAINS]->(n) RETURN above.id ORDER BY above.id }, created_at: toString(n.created_at), updated_at: toString(n.updated_at)} AS node
