// Which of some combinations of concepts have an instruction already.
// access: read
// $combinations list: combination keys
// example: {"combinations": []}
MATCH (i:Instruction) WHERE i.combination IN $combinations
RETURN DISTINCT i.combination AS combination
