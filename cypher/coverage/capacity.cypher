// For each group of nodes, how many combinations of concepts its accepted syllabi have, how many are drawn, and how often one was drawn again, by stratum.
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
  // A combination is drawn again only once all of its stratum are drawn.
  WITH n, y.capacity[n] AS total, y.drawn[n] AS drawn
  RETURN n, sum(toFloat(total)) AS total, sum(CASE WHEN drawn > total THEN total ELSE drawn END) AS drawn,
         sum(CASE WHEN drawn > total THEN drawn - total ELSE 0 END) AS repeated
}
RETURN g.id AS id, $strata[n] AS stratum, total, drawn, repeated
