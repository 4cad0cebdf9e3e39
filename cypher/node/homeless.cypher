// Of some nodes and the concepts at or below them, those whose home is no longer above them, each with the first that is.
// access: read
// $batch map: ids of the nodes
// example: {"batch": {"ids": ["0190"]}}
UNWIND $batch.ids AS id
MATCH (c:TaxonomyNode {id: id})
CALL (c) {
  WITH c WHERE NOT c:KeyConcept
  RETURN c AS n, COLLECT { MATCH (p)-[:CONTAINS]->(c) RETURN p.id } AS homes
  UNION
  WITH c WHERE c:Subject OR c:Syllabus OR c:ClassSession OR c:KeyConcept
  MATCH (c)-[:CONTAINS*0..3]->(n:KeyConcept)
  WITH DISTINCT n
  RETURN n, COLLECT { MATCH (n) (()<-[:CONTAINS]-())+ (d:Discipline) RETURN DISTINCT d.id } AS homes
}
WITH DISTINCT n, homes WHERE homes <> [] AND NOT n.home IN homes
UNWIND homes AS home
RETURN n.id AS id, n.name AS name, [label IN labels(n) WHERE label <> 'TaxonomyNode'][0] AS kind, min(home) AS home
