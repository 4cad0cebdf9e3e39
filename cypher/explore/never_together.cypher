// Pairs of concepts of one session that no accepted instruction covers together.
// access: read
// $id string: the node
// $limit integer: maximum number of rows
// example: {"id": "0190", "limit": 20}
MATCH (:TaxonomyNode {id: $id}) ((above WHERE NOT above:ClassSession)-[:CONTAINS]->())* (s:ClassSession)
WITH DISTINCT s
MATCH (a:KeyConcept)<-[:CONTAINS]-(s)-[:CONTAINS]->(b:KeyConcept)
WHERE a.id < b.id AND NOT EXISTS { (a)<-[:COVERS]-(:Instruction)-[:COVERS]->(b) }
// The first that are found: to sort all there are would read the whole subtree.
WITH s, a, b LIMIT $limit
RETURN s.name AS session, a.name AS concept, b.name AS other, s.id AS id
ORDER BY session, id, concept, other
