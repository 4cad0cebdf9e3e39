// How many combinations of concepts the syllabi below a node have and how many are drawn, by stratum, where each may be drawn several times.
// access: read
// $id string: the node
// $strata list: the strata, in the order in which a syllabus keeps them
// $laps integer: how often each may be drawn
// example: {"id": "0190", "laps": 1, "strata": ["single:1", "single:2", "single:3", "single:4", "single:5", "pair:2", "pair:3", "pair:4", "pair:5"]}
MATCH (top:TaxonomyNode {id: $id})
// Not below the syllabi: most links lead from there to concepts.
MATCH (top) ((above WHERE NOT above:Syllabus AND above.status = 'accepted')-[:CONTAINS]->())* (y:Syllabus {status: 'accepted'})
WITH DISTINCT y
WITH collect(y) AS syllabi
RETURN size(syllabi) AS syllabi, size([y IN syllabi WHERE y.capacity IS NOT NULL]) AS counted,
  [y IN syllabi | y.id][..3] AS some,
  [n IN range(0, size($strata) - 1) | {
    stratum: $strata[n],
    total: reduce(all = 0.0, y IN syllabi | all + $laps * coalesce(toFloat(y.capacity[n]), 0.0)),
    drawn: reduce(all = 0, y IN syllabi | all + CASE WHEN y.capacity IS NULL THEN 0 WHEN y.drawn[n] > $laps * y.capacity[n] THEN $laps * y.capacity[n] ELSE coalesce(y.drawn[n], 0) END)
  }] AS strata
