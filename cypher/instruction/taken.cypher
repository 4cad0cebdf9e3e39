// Which of some combinations of concepts have instructions already: by which repeats, with which dials, and whether one of a test set.
// access: read
// $combinations list: combination keys
// example: {"combinations": []}
MATCH (i:Instruction) WHERE i.combination IN $combinations
RETURN i.combination AS combination, collect(DISTINCT coalesce(i.repeat, 0)) AS repeats,
       collect(DISTINCT coalesce(i.dials, [])) AS cells,
       count(i.held_out) > 0 AS held
