// Marks the accepted instructions of a syllabus that were drawn from a session stale, with the reason.
// access: write
// $syllabus_id string: the syllabus
// $session_id string: the session
// $reason string: what was changed
MATCH (:TaxonomyNode {id: $session_id})<-[:DRAWN_FROM]-(i:Instruction {status: 'accepted'})
WHERE $syllabus_id IN [i.syllabus_id, i.partner_id]
WITH DISTINCT i ORDER BY i.id
SET i.status = 'stale', i.reason = $reason, i.updated_at = datetime()
WITH i
CALL (i) {
  MATCH (i)-[c:COVERS]->(k)
  MERGE (i)-[:COVERED]->(k)
  DELETE c
}
OPTIONAL MATCH (d:Discipline)-[:CONTAINS]->(:Subject)-[:CONTAINS]->(:Syllabus)-[:CONTAINS]->(:ClassSession)<-[:DRAWN_FROM]-(i)
WITH count(DISTINCT i) AS stale, collect(DISTINCT d.id) AS disciplines
RETURN stale, disciplines
