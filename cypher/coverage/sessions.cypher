// For each group of nodes, its accepted sessions, the pairs of sessions that share a syllabus, and how many pairs have an accepted instruction.
// access: read
// $batch map: groups, maps of id and tops (ids of the nodes)
// example: {"batch": {"groups": [{"id": "all", "tops": ["0190"]}]}}
UNWIND $batch.groups AS g
CALL (g) {
  UNWIND g.tops AS one
  MATCH (top:TaxonomyNode {id: one})
  MATCH (top) ((above WHERE NOT above:Syllabus)-[:CONTAINS]->())* (y:Syllabus {status: 'accepted'})
  WITH DISTINCT y
  WITH COUNT { MATCH (y)-[:CONTAINS]->(s) WHERE s.status = 'accepted' } AS n, y
  WITH n, COUNT {
    MATCH (y)-[:CONTAINS]->(a {status: 'accepted'})<-[:DRAWN_FROM]-(i:Instruction {status: 'accepted', strategy: 'pair'})-[:DRAWN_FROM]->(b {status: 'accepted'})
    WHERE a.id < b.id
    WITH DISTINCT a, b WHERE EXISTS { (y)-[:CONTAINS]->(b) }
    RETURN a, b
  } AS covered
  RETURN sum(n * (n - 1) / 2) AS possible, sum(covered) AS covered
}
CALL (g) {
  UNWIND g.tops AS one
  MATCH (top:TaxonomyNode {id: one})
  MATCH (top) ((above WHERE NOT above:ClassSession)-[:CONTAINS]->())* (s:ClassSession {status: 'accepted'})
  RETURN count(DISTINCT s) AS sessions
}
RETURN g.id AS id, sessions, possible, covered
