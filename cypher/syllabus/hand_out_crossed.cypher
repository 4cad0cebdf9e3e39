// Records what is handed out for good of the crossings of locked syllabi.
// access: write
// $rows list: maps of first and second, ids of the syllabi, the smaller first; why, a map of score, shared, together and hops (for what reason they are crossed); and drawn, capacity, ahead, ahead_counts, space_version, handed_seal and respaced as syllabus.hand_out takes them
UNWIND $rows AS row
MATCH (a:TaxonomyNode {id: row.first})
MATCH (b:TaxonomyNode {id: row.second})
MERGE (a)-[r:CROSSED_WITH]->(b)
SET r += row.why, r.drawn = row.drawn, r.capacity = row.capacity, r.space_version = row.space_version, r.respaced = row.respaced, r.handed_seal = row.handed_seal,
    r.ahead = CASE WHEN row.ahead = [] THEN null ELSE row.ahead END,
    r.ahead_counts = CASE WHEN row.ahead = [] THEN null ELSE row.ahead_counts END
