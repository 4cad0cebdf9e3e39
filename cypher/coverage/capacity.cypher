// For each group of nodes, how many combinations of concepts its accepted syllabi have and how many are drawn, by stratum.
// access: read
// $batch map: groups, maps of id and tops (ids of the nodes)
// $strata list: the strata, in the order in which a syllabus keeps them
// example: {"batch": {"groups": [{"id": "all", "tops": ["0190"]}]}, "strata": ["single:1", "single:2", "single:3", "single:4", "single:5", "pair:2", "pair:3", "pair:4", "pair:5"]}
UNWIND $batch.groups AS g
CALL (g) {
  UNWIND g.tops AS one
  MATCH (top:TaxonomyNode {id: one})
  // Not below the syllabi: most links lead from there to concepts.
  MATCH (top) ((above WHERE NOT above:Syllabus AND (above = top OR above.status = 'accepted'))-[:CONTAINS]->())* (y:Syllabus {status: 'accepted'})
  WITH DISTINCT y WHERE y.capacity IS NOT NULL
  UNWIND range(0, size($strata) - 1) AS n
  RETURN n, sum(toFloat(y.capacity[n])) AS total, sum(y.drawn[n]) AS drawn
}
RETURN g.id AS id, $strata[n] AS stratum, total, drawn
