// The other disciplines that have a subject, syllabus, session or concept of a discipline too.
// access: read
// $id string: the discipline
// example: {"id": "0190"}
MATCH (d:TaxonomyNode {id: $id})
CALL (d) {
  MATCH (d)-[:CONTAINS*1..3]->(n:Subject|Syllabus|ClassSession)
  WITH DISTINCT d, n WHERE COUNT { (n)<-[:CONTAINS]-() } > 1
  MATCH (n) (()<-[:CONTAINS]-(:Discipline|Subject|Syllabus))* (o:Discipline)
  RETURN o.id AS other
  UNION
  MATCH (d)-[:CONTAINS]->(:Subject)-[:CONTAINS]->(:Syllabus)-[:CONTAINS]->(:ClassSession)-[:CONTAINS]->(k:KeyConcept)
  WHERE k.home <> d.id
  RETURN k.home AS other
}
WITH DISTINCT d, other WHERE other <> d.id
RETURN other AS id ORDER BY id
