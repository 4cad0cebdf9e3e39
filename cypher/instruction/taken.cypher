// Which of some combinations of concepts have instructions already: by which repeats, and with which dials.
// access: read
// $combinations list: combination keys
// example: {"combinations": []}
MATCH (i:Instruction) WHERE i.combination IN $combinations
RETURN i.combination AS combination, collect(DISTINCT coalesce(i.repeat, 0)) AS repeats,
       collect(DISTINCT coalesce(i.dials, [])) AS cells
