// Locks nodes for a change, in the order of their ids, and returns them as they now are.
// access: write
// $ids list: ids
MATCH (n:TaxonomyNode) WHERE n.id IN $ids
WITH n ORDER BY n.id
SET n.version = n.version + 0
RETURN n {.*, kind: [label IN labels(n) WHERE label <> 'TaxonomyNode'][0], parents: COLLECT { MATCH (above)-[:CONTAINS]->(n) RETURN above.id ORDER BY above.id }, created_at: toString(n.created_at), updated_at: toString(n.updated_at)} AS node, n.key AS key, n.home AS home
