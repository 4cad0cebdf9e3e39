// The accepted instructions below a node with the longest answers, in characters.
// access: read
// $id string: the node
// $limit integer: maximum number of rows
// cost: 4.5 s a million instructions
// example: {"id": "0190", "limit": 20}
MATCH (:TaxonomyNode {id: $id}) ((above WHERE NOT above:ClassSession)-[:CONTAINS]->())* (s:ClassSession)
WITH DISTINCT s
MATCH (s)<-[:DRAWN_FROM]-(i:Instruction {status: 'accepted'})
WITH DISTINCT i
WITH i, size(i.answer) AS length ORDER BY length DESC, i.id LIMIT $limit
RETURN i.id AS id, length, i.question AS question, left(i.answer, 200) AS answer
