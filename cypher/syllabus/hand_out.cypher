// Records what is handed out for good of locked syllabi.
// access: write
// $rows list: maps of id; drawn, capacity (positions handed out and combinations in all, a number a stratum); ahead, ahead_counts (positions handed out ahead of their turn, those of all strata one after another, and how many of each); space_version (of the sessions and concepts these belong to); handed_seal (a number that stands for these, see syllabus.shapes); respaced (whether that ever changed, so that a combination may have its instruction already)
UNWIND $rows AS row
MATCH (y:TaxonomyNode {id: row.id})
SET y.drawn = row.drawn, y.capacity = row.capacity, y.space_version = row.space_version, y.respaced = row.respaced, y.handed_seal = row.handed_seal,
    y.ahead = CASE WHEN row.ahead = [] THEN null ELSE row.ahead END,
    y.ahead_counts = CASE WHEN row.ahead = [] THEN null ELSE row.ahead_counts END
