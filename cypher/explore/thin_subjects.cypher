// The subjects below a node with the fewest accepted instructions per concept.
// access: read
// $id string: the node
// $limit integer: maximum number of rows
// cost: 3 s a million concepts
// example: {"id": "0190", "limit": 20}
MATCH (:TaxonomyNode {id: $id}) ((above WHERE NOT above:Subject)-[:CONTAINS]->())* (u:Subject)
WITH DISTINCT u
MATCH (u)-[:CONTAINS*2]->(:ClassSession)-[:CONTAINS]->(k:KeyConcept)
WITH DISTINCT u, k
WITH u, count(*) AS concepts, avg(COUNT { (k)<-[:COVERS]-() }) AS per_concept
RETURN u.id AS id, u.name AS subject, concepts, per_concept
ORDER BY per_concept, id LIMIT $limit
