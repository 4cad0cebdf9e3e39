// Nodes by their ids, those that exist.
// access: read
// $ids list: ids
// example: {"ids": ["0190"]}
MATCH (n:TaxonomyNode) WHERE n.id IN $ids
RETURN n {.*, kind: [label IN labels(n) WHERE label <> 'TaxonomyNode'][0], parents: COLLECT { MATCH (above)-[:CONTAINS]->(n) RETURN above.id ORDER BY above.id }, created_at: toString(n.created_at), updated_at: toString(n.updated_at)} AS node
