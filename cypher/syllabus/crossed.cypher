// What is handed out of the crossings of some pairs of syllabi; those that nothing was drawn from are left out.
// access: read
// $pairs list: lists of two ids, the smaller first
// example: {"pairs": [["0190", "0191"]]}
UNWIND $pairs AS pair
MATCH (:TaxonomyNode {id: pair[0]})-[r:CROSSED_WITH]->(:TaxonomyNode {id: pair[1]})
RETURN pair[0] AS first, pair[1] AS second, r.space_version AS space_version, r.drawn AS drawn, r.ahead AS ahead,
       r.ahead_counts AS ahead_counts, coalesce(r.respaced, false) AS respaced, r.handed_seal AS handed_seal
