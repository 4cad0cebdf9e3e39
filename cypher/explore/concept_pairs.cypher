// The pairs of concepts covered together by the most accepted instructions below a node.
// access: read
// $id string: the node
// $limit integer: maximum number of rows
// cost: 13 s a million instructions
// example: {"id": "0190", "limit": 20}
MATCH (:TaxonomyNode {id: $id}) ((above WHERE NOT above:ClassSession)-[:CONTAINS]->())* (s:ClassSession)
WITH DISTINCT s
MATCH (s)<-[:DRAWN_FROM]-(i:Instruction {status: 'accepted'})
WITH DISTINCT i
MATCH (a:KeyConcept)<-[:COVERS]-(i)-[:COVERS]->(b:KeyConcept) WHERE a.id < b.id
WITH a, b, count(*) AS instructions ORDER BY instructions DESC, a.id, b.id LIMIT $limit
RETURN a.name AS concept, b.name AS other, instructions, a.id AS id, b.id AS other_id
ORDER BY instructions DESC, id, other_id
