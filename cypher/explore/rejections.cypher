// The sessions below a node with the largest share of rejected or failed instructions.
// access: read
// $id string: the node
// $at_least integer: only sessions with at least this many instructions
// $limit integer: maximum number of rows
// cost: 2 s a million instructions
// example: {"id": "0190", "at_least": 1, "limit": 20}
MATCH (:TaxonomyNode {id: $id}) ((above WHERE NOT above:ClassSession)-[:CONTAINS]->())* (s:ClassSession)
WITH DISTINCT s
MATCH (s)<-[:DRAWN_FROM]-(i:Instruction) WHERE i.status <> 'asked'
WITH s, count(*) AS instructions, sum(CASE WHEN i.status IN ['rejected', 'failed'] THEN 1 ELSE 0 END) AS lost
WHERE lost > 0 AND instructions >= $at_least
RETURN s.id AS id, s.name AS session, instructions, lost, toFloat(lost) / instructions AS share
ORDER BY share DESC, lost DESC, id LIMIT $limit
