// The questions below a node with the most variants, which ask the same with other values.
// access: read
// $id string: the node
// $limit integer: maximum number of rows
// cost: 2 s a million instructions
// example: {"id": "0190", "limit": 20}
MATCH (:TaxonomyNode {id: $id}) ((above WHERE NOT above:ClassSession)-[:CONTAINS]->())* (s:ClassSession)
WITH DISTINCT s
MATCH (s)<-[:DRAWN_FROM]-(i:Instruction {status: 'accepted'})
WITH DISTINCT i
MATCH (i)<-[:VARIANT_OF]-(other:Instruction {status: 'accepted'})
WITH i, count(other) AS variants
RETURN i.id AS id, i.question AS question, variants
ORDER BY variants DESC, id LIMIT $limit
