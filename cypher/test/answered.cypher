// Which of some answers to test questions there are.
// access: read
// $ids list: ids of answers
// example: {"ids": ["00"]}
UNWIND $ids AS id
MATCH (a:TestAnswer {id: id})
RETURN a.id AS id, a.text AS text, a.reason AS reason, a.detail AS detail
