// Which subjects below a node have the fewest instructions a concept.
// access: read
// $id string: the node
// $limit integer: at most so many
// example: {"id": "0190", "limit": 20}
MATCH (:TaxonomyNode {id: $id})-[:CONTAINS*0..]->(u:Subject)
WITH DISTINCT u
MATCH (u)-[:CONTAINS*2]->(:ClassSession)-[:CONTAINS]->(k:KeyConcept)
WITH u, k, COUNT { (k)<-[:COVERS]-() } AS degree
WITH u, count(DISTINCT k) AS concepts, avg(degree) AS per_concept
RETURN u.id AS id, u.name AS subject, concepts, per_concept
ORDER BY per_concept, id LIMIT $limit
