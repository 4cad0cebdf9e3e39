// Where and why instructions below a node failed or were rejected: one row per subject and reason.
// access: read
// $id string: the node
// $limit integer: maximum number of rows
// cost: 1.5 s a million instructions
// example: {"id": "0190", "limit": 20}
MATCH (:TaxonomyNode {id: $id}) ((above WHERE NOT above:Subject)-[:CONTAINS]->())* (u:Subject)
WITH DISTINCT u
MATCH (u)-[:CONTAINS*2]->(:ClassSession)<-[:DRAWN_FROM]-(i:Instruction)
WHERE i.status IN ['failed', 'rejected']
RETURN u.id AS id, u.name AS subject, i.reason AS reason, count(DISTINCT i) AS instructions
ORDER BY instructions DESC, id, reason LIMIT $limit
