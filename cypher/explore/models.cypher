// The models that wrote the instructions below a node, the number accepted, and the tokens used.
// access: read
// $id string: the node
// $limit integer: maximum number of rows
// cost: 3 s a million instructions
// example: {"id": "0190", "limit": 20}
MATCH (:TaxonomyNode {id: $id}) ((above WHERE NOT above:ClassSession)-[:CONTAINS]->())* (s:ClassSession)
WITH DISTINCT s
MATCH (s)<-[:DRAWN_FROM]-(i:Instruction)
WITH DISTINCT i
RETURN i.question_model AS question_model, i.answer_model AS answer_model, count(*) AS instructions,
       sum(CASE i.status WHEN 'accepted' THEN 1 ELSE 0 END) AS accepted,
       sum(i.prompt_tokens) AS prompt_tokens, sum(i.completion_tokens) AS completion_tokens
ORDER BY instructions DESC, question_model, answer_model LIMIT $limit
