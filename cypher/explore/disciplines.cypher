// How far each discipline below a node is grown: subjects, sessions, concepts and accepted instructions.
// access: read
// $id string: the node
// $limit integer: at most so many
// example: {"id": "0190", "limit": 200}
MATCH (:TaxonomyNode {id: $id})-[:CONTAINS*0..]->(d:Discipline)
WITH DISTINCT d
RETURN d.id AS id, d.name AS discipline,
  COUNT { MATCH (d)-[:CONTAINS]->(u:Subject) RETURN DISTINCT u } AS subjects,
  COUNT { MATCH (d)-[:CONTAINS*3]->(s:ClassSession) RETURN DISTINCT s } AS sessions,
  COUNT { MATCH (d)-[:CONTAINS*4]->(k:KeyConcept) RETURN DISTINCT k } AS concepts,
  COUNT { MATCH (d)-[:CONTAINS*3]->(:ClassSession)<-[:DRAWN_FROM]-(i:Instruction {status: 'accepted'}) RETURN DISTINCT i } AS instructions
ORDER BY instructions DESC, discipline LIMIT $limit
