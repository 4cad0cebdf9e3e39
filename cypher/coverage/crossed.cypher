// For each group of nodes, how many combinations the crossings within it have that something was drawn from, how many are drawn, and how often one was drawn again, by stratum.
// access: read
// $batch map: groups, maps of id and tops (ids of the nodes)
// $strata list: the strata of crossings, in the order in which these are kept
// example: {"batch": {"groups": [{"id": "all", "tops": ["0190"]}]}, "strata": ["cross:2", "cross:3", "cross:4", "cross:5"]}
CALL () { MATCH ()-[r:CROSSED_WITH]->() RETURN count(r) AS crossings }
// A count that Neo4j keeps: where nothing is crossed, nothing is walked through.
WITH crossings WHERE crossings > 0
UNWIND $batch.groups AS g
CALL (g) {
  UNWIND g.tops AS one
  MATCH (top:TaxonomyNode {id: one})
  MATCH (top) ((above WHERE NOT above:Syllabus AND (above = top OR above.status = 'accepted'))-[:CONTAINS]->())* (y:Syllabus {status: 'accepted'})
  WITH DISTINCT top, y
  MATCH (y)-[r:CROSSED_WITH]->(z:Syllabus {status: 'accepted'}) WHERE r.capacity IS NOT NULL
  // Upwards from the other end: from above, all there is would be walked through again.
    AND EXISTS { MATCH (z) (()<-[:CONTAINS]-(above WHERE above = top OR above.status = 'accepted'))+ (x) WHERE x = top }
  WITH DISTINCT r
  UNWIND range(0, size($strata) - 1) AS n
  WITH n, r.capacity[n] AS total, r.drawn[n] AS drawn
  RETURN n, sum(toFloat(total)) AS total, sum(CASE WHEN drawn > total THEN total ELSE drawn END) AS drawn,
         sum(CASE WHEN drawn > total THEN drawn - total ELSE 0 END) AS repeated
}
RETURN g.id AS id, $strata[n] AS stratum, total, drawn, repeated
