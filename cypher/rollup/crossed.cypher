// The accepted instructions below a discipline that were drawn below another one too, by that one and by day, and by the values of their dials.
// access: read
// $id string: the discipline
// example: {"id": "0190"}
MATCH (d:TaxonomyNode {id: $id})
MATCH (d)-[:CONTAINS]->(:Subject)-[:CONTAINS]->(:Syllabus)-[:CONTAINS]->(s:ClassSession)
WITH DISTINCT d, s
MATCH (s)<-[:DRAWN_FROM]-(i:Instruction {status: 'accepted', strategy: 'cross'})
MATCH (i)-[:DRAWN_FROM]->(t)<-[:CONTAINS]-(:Syllabus)<-[:CONTAINS]-(:Subject)<-[:CONTAINS]-(o:Discipline)
WHERE t <> s AND o <> d
WITH DISTINCT i, o
UNWIND [toString(date(coalesce(i.accepted_at, i.created_at)))] + coalesce(i.dials, []) AS key
RETURN o.id AS other, key, count(*) AS instructions
ORDER BY other, key
