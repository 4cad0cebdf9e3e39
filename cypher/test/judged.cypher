// Which of some verdicts on two answers there are.
// access: read
// $ids list: ids of verdicts
// example: {"ids": ["00"]}
UNWIND $ids AS id
MATCH (v:TestVerdict {id: id})
RETURN v.id AS id, v.first AS first, v.second AS second, v.why AS why, v.reason AS reason, v.detail AS detail
