// The nodes whose home was a node that was merged, now below the one that it was merged into.
// access: read
// $pairs list: maps of old and new, ids
// example: {"pairs": [{"old": "0190", "new": "0191"}]}
UNWIND $pairs AS pair
MATCH (b:TaxonomyNode {id: pair.new})
CALL (pair, b) {
  MATCH (b)-[:CONTAINS]->(n) WHERE n.home = pair.old
  RETURN n
  UNION
  WITH pair, b WHERE b:Discipline
  MATCH (b)-[:CONTAINS]->(:Subject)-[:CONTAINS]->(:Syllabus)-[:CONTAINS]->(:ClassSession)-[:CONTAINS]->(n)
  WHERE n.home = pair.old
  RETURN n
}
RETURN DISTINCT n.id AS id, n.name AS name, [label IN labels(n) WHERE label <> 'TaxonomyNode'][0] AS kind, pair.new AS home
