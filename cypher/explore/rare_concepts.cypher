// Which accepted concepts below a node have no accepted instruction, or hardly any.
// access: read
// $id string: the node
// $most integer: so many are hardly any
// $limit integer: at most so many
// example: {"id": "0190", "most": 1, "limit": 20}
MATCH (:TaxonomyNode {id: $id}) ((above WHERE NOT above:ClassSession)-[:CONTAINS]->())* (s:ClassSession)
WITH DISTINCT s
MATCH (s)-[:CONTAINS]->(k:KeyConcept {status: 'accepted'})
WITH DISTINCT k, COUNT { (k)<-[:COVERS]-() } AS instructions
WHERE instructions <= $most
RETURN k.id AS id, k.name AS concept, instructions
ORDER BY instructions, id LIMIT $limit
