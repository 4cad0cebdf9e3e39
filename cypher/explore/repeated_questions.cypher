// Questions below a node that were accepted more than once, word for word.
// access: read
// $id string: the node
// $limit integer: maximum number of rows
// cost: 6 s a million instructions
// example: {"id": "0190", "limit": 20}
MATCH (:TaxonomyNode {id: $id}) ((above WHERE NOT above:ClassSession)-[:CONTAINS]->())* (s:ClassSession)
WITH DISTINCT s
MATCH (s)<-[:DRAWN_FROM]-(i:Instruction {status: 'accepted'})
WITH DISTINCT i
WITH i.question AS question, count(*) AS instructions, collect(i.id)[..10] AS ids
WHERE instructions > 1
RETURN question, instructions, ids ORDER BY instructions DESC, question LIMIT $limit
