// Why instructions below a node failed or were rejected, by the model that wrote the question.
// access: read
// $id string: the node
// $limit integer: maximum number of rows
// cost: 1.6 s a million instructions
// example: {"id": "0190", "limit": 20}
MATCH (:TaxonomyNode {id: $id}) ((above WHERE NOT above:ClassSession)-[:CONTAINS]->())* (s:ClassSession)
WITH DISTINCT s
MATCH (s)<-[:DRAWN_FROM]-(i:Instruction)
WHERE i.status IN ['rejected', 'failed']
WITH DISTINCT i
RETURN i.question_model AS model, i.status AS status, i.reason AS reason, count(*) AS instructions
ORDER BY instructions DESC, model, reason LIMIT $limit
