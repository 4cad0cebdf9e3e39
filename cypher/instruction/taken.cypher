// Which of some combinations of concepts have instructions already: by which repeats, with which dials, and whether for a test set or for the data.
// access: read
// $combinations list: combination keys
// example: {"combinations": []}
MATCH (i:Instruction) WHERE i.combination IN $combinations
RETURN i.combination AS combination, collect(DISTINCT coalesce(i.repeat, 0)) AS repeats,
       collect(DISTINCT coalesce(i.dials, [])) AS cells,
       count(i.held_out) > 0 AS held, count(*) > count(i.held_out) AS trained
