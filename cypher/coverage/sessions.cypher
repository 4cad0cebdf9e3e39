// For each node, its sessions, the pairs of sessions that share a syllabus, and how many pairs have an accepted instruction.
// access: read
// $ids list: ids of the nodes
// example: {"ids": ["0190"]}
MATCH (top:TaxonomyNode) WHERE top.id IN $ids
CALL (top) {
  MATCH (top)-[:CONTAINS*0..]->(y:Syllabus) WHERE y.status = 'accepted'
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
CALL (top) {
  MATCH (top)-[:CONTAINS*0..]->(s:ClassSession) WHERE s.status = 'accepted'
  RETURN count(DISTINCT s) AS sessions
}
RETURN top.id AS id, sessions, possible, covered
