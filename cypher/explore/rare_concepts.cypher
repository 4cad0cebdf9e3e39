// Accepted concepts below a node with few accepted instructions or none.
// access: read
// $id string: the node
// $most integer: maximum number of instructions of a concept to be listed
// $limit integer: maximum number of rows
// cost: 4 s a million concepts
// example: {"id": "0190", "most": 1, "limit": 20}
MATCH (:TaxonomyNode {id: $id}) ((above WHERE NOT above:ClassSession)-[:CONTAINS]->())* (s:ClassSession)
WITH DISTINCT s
MATCH (s)-[:CONTAINS]->(k:KeyConcept {status: 'accepted'})
WITH DISTINCT k, COUNT { (k)<-[:COVERS]-() } AS instructions
WHERE instructions <= $most
RETURN k.id AS id, k.name AS concept, instructions
ORDER BY instructions, id LIMIT $limit
