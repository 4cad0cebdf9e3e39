// Concepts below a node that were asked about but have no accepted instruction.
// access: read
// $id string: the node
// $limit integer: maximum number of rows
// cost: 0.6 s a million instructions
// example: {"id": "0190", "limit": 20}
MATCH (:TaxonomyNode {id: $id}) ((above WHERE NOT above:ClassSession)-[:CONTAINS]->())* (s:ClassSession)
WITH DISTINCT s
MATCH (s)-[:CONTAINS]->(k:KeyConcept) WHERE NOT EXISTS { (k)<-[:COVERS]-() }
MATCH (s)<-[:DRAWN_FROM]-(i:Instruction)
WHERE i.status IN ['rejected', 'failed'] AND k.id IN i.concepts
RETURN k.id AS id, k.name AS concept, count(DISTINCT i) AS instructions, collect(DISTINCT i.reason) AS reasons
ORDER BY instructions DESC, id LIMIT $limit
