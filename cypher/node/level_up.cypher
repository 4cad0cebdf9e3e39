// One level up from some nodes: each link with the node above it.
// access: read
// $ids list: the nodes below
// $statuses list: only these statuses
// $limit integer: maximum number of rows
// example: {"ids": ["0190"], "statuses": ["accepted"], "limit": 1000}
MATCH (n)-[:CONTAINS]->(c:TaxonomyNode)
WHERE c.id IN $ids AND n.status IN $statuses
RETURN c.id AS parent_id, n.id AS id
ORDER BY parent_id, id LIMIT $limit
