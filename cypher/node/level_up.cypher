// One level up from some nodes: each link with the node above it.
// access: read
// $ids list: the nodes below
// $statuses list: only these statuses
// $limit integer: maximum number of rows
// example: {"ids": ["0190"], "statuses": ["accepted"], "limit": 1000}
MATCH (n)-[:CONTAINS]->(c:TaxonomyNode)
WHERE c.id IN $ids AND n.status IN $statuses
WITH c.id AS parent_id, n.id AS id
// A node that was removed since it was found has no properties.
WHERE parent_id IS NOT NULL AND id IS NOT NULL
RETURN parent_id, id
ORDER BY parent_id, id LIMIT $limit
