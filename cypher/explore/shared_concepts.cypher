// The concepts below a node that are taught in the most sessions.
// access: read
// $id string: the node
// $limit integer: maximum number of rows
// cost: 4 s a million concepts
// example: {"id": "0190", "limit": 20}
MATCH (:TaxonomyNode {id: $id}) ((above WHERE NOT above:ClassSession)-[:CONTAINS]->())* (s:ClassSession)
WITH DISTINCT s
MATCH (s)-[:CONTAINS]->(k:KeyConcept)
WITH DISTINCT k, COUNT { ()-[:CONTAINS]->(k) } AS sessions
RETURN k.id AS id, k.name AS concept, sessions, COUNT { (k)<-[:COVERS]-() } AS instructions
ORDER BY sessions DESC, id LIMIT $limit
