// What rules found in the texts of accepted instructions below a node and did not reject them for, by rule, each with one of them.
// access: read
// $id string: the node
// $limit integer: maximum number of rows
// cost: 1.5 s a million instructions
// example: {"id": "0190", "limit": 20}
MATCH (:TaxonomyNode {id: $id}) ((above WHERE NOT above:ClassSession)-[:CONTAINS]->())* (s:ClassSession)
WITH DISTINCT s
MATCH (s)<-[:DRAWN_FROM]-(i:Instruction {status: 'accepted'}) WHERE i.flags IS NOT NULL
WITH DISTINCT i
UNWIND i.flags AS rule
WITH rule, count(DISTINCT i) AS instructions, min(i.id) AS id
MATCH (i:Instruction {id: id})
RETURN rule, instructions, id, i.question AS question
ORDER BY instructions DESC, rule LIMIT $limit
