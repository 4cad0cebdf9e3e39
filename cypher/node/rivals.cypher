// The concepts below nodes that have the name of another one in the disciplines to which these come, each with that one.
// access: read
// $batch map: rows, maps of n, id (the node) and disciplines (ids; those that it stands in already are left out)
// example: {"batch": {"rows": [{"n": 0, "id": "0190", "disciplines": ["0191"]}]}}
UNWIND $batch.rows AS row
MATCH (c:TaxonomyNode {id: row.id})
WITH row, c, COLLECT { MATCH (c) (()<-[:CONTAINS]-(:Discipline|Subject|Syllabus))+ (d:Discipline) RETURN d.id } AS old
WITH row.n AS n, c, [id IN row.disciplines WHERE NOT id IN old] AS fresh
WHERE fresh <> []
MATCH (c) ((above WHERE NOT above:KeyConcept)-[:CONTAINS]->())+ (k:KeyConcept)
WITH DISTINCT n, fresh, k
MATCH (o:TaxonomyNode {name_key: k.name_key})
WHERE o:KeyConcept AND o.id <> k.id AND EXISTS {
  MATCH (d:Discipline)-[:CONTAINS]->(:Subject)-[:CONTAINS]->(:Syllabus)-[:CONTAINS]->(:ClassSession)-[:CONTAINS]->(o)
  WHERE d.id IN fresh
}
WITH n, k, o ORDER BY k.id, o.id
RETURN n, collect([k {.id, .name}, o {.id, .name}]) AS pairs
