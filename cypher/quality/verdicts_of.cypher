// Those verdicts, of some, that are there.
// access: read
// $ids list: ids of verdicts
// example: {"ids": ["00"]}
UNWIND $ids AS id
MATCH (v:Verdict {id: id})
RETURN v.id AS id, v.verdict AS verdict, v.applied AS applied, v.flaws AS flaws, v.why AS why, v.problem AS problem
