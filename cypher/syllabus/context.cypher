// What a prompt needs to know of a syllabus: itself, its subject and its discipline.
// access: read
// $id string: the syllabus
// example: {"id": "0190"}
MATCH (u:Subject)-[:CONTAINS]->(y:TaxonomyNode {id: $id})
OPTIONAL MATCH (d:Discipline)-[:CONTAINS]->(u)
RETURN y.name AS syllabus, y.introduction AS introduction, y.objectives AS objectives,
       u.name AS subject, u.level AS level, d.name AS discipline
ORDER BY u.id, d.id LIMIT 1
