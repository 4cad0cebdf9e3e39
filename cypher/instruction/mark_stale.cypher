// Marks the accepted instructions drawn from some sessions or covering some concepts stale, with the reason.
// access: write
// $ids list: ids of sessions and concepts
// $reason string: what was changed
UNWIND $ids AS id
MATCH (n:TaxonomyNode {id: id})
CALL (n) {
  MATCH (n)<-[:COVERS]-(i:Instruction) RETURN i
  UNION
  MATCH (n)<-[:DRAWN_FROM]-(i:Instruction {status: 'accepted'}) RETURN i
}
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
