// One level down from some nodes: each link with the node below it, in order.
// access: read
// $ids list: the nodes above
// $statuses list: only these statuses
// $limit integer: maximum number of rows
// example: {"ids": ["0190"], "statuses": ["accepted"], "limit": 1000}
MATCH (p:TaxonomyNode)-[r:CONTAINS]->(n)
WHERE p.id IN $ids AND n.status IN $statuses
WITH p.id AS parent_id, n.id AS id, r
// A node that was removed since it was found has no properties.
WHERE parent_id IS NOT NULL AND id IS NOT NULL
RETURN parent_id, id
ORDER BY parent_id, coalesce(r.position, 2147483647), coalesce(r.since, id) LIMIT $limit
