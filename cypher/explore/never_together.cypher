// Which two concepts of one session no instruction covers together.
// access: read
// $id string: the node
// $limit integer: at most so many
// example: {"id": "0190", "limit": 20}
MATCH (:TaxonomyNode {id: $id})-[:CONTAINS*0..]->(s:ClassSession)
WITH DISTINCT s
MATCH (a:KeyConcept)<-[:CONTAINS]-(s)-[:CONTAINS]->(b:KeyConcept)
WHERE a.id < b.id AND NOT EXISTS { (a)<-[:COVERS]-(:Instruction)-[:COVERS]->(b) }
RETURN s.name AS session, a.name AS concept, b.name AS other
ORDER BY session, concept, other LIMIT $limit
