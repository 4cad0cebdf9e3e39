// Instructions below a node that a person keeps whatever checks find, with who and why.
// access: read
// $id string: the node
// $limit integer: maximum number of rows
// cost: 0.6 s a million instructions
// example: {"id": "0190", "limit": 20}
MATCH (:TaxonomyNode {id: $id}) ((above WHERE NOT above:ClassSession)-[:CONTAINS]->())* (s:ClassSession)
WITH DISTINCT s
MATCH (s)<-[:DRAWN_FROM]-(i:Instruction) WHERE i.waived_by IS NOT NULL
WITH DISTINCT i ORDER BY i.waived_at DESC, i.id LIMIT $limit
RETURN i.id AS id, i.status AS status, i.waived_by AS by, i.waiver AS reason, toString(i.waived_at) AS at, i.question AS question
