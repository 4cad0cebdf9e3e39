// For each node, how many combinations of concepts its syllabi have and how many are drawn, by stratum.
// access: read
// $ids list: ids of the nodes
// $strata list: the strata, in the order in which a syllabus keeps them
// example: {"ids": ["0190"], "strata": ["single:1", "single:2", "single:3", "single:4", "single:5", "pair:2", "pair:3", "pair:4", "pair:5"]}
MATCH (top:TaxonomyNode) WHERE top.id IN $ids
CALL (top) {
  MATCH (top)-[:CONTAINS*0..]->(y:Syllabus) WHERE y.status = 'accepted' AND y.capacity IS NOT NULL
  WITH DISTINCT y
  UNWIND range(0, size($strata) - 1) AS n
  RETURN $strata[n] AS stratum, sum(toFloat(y.capacity[n])) AS total, sum(y.drawn[n]) AS drawn
}
RETURN top.id AS id, stratum, total, drawn
