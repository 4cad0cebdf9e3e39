// How some instructions stand: status, what they were drawn from, and who waived findings about them.
// access: read
// $ids list: their ids
// example: {"ids": ["00"]}
UNWIND $ids AS id
MATCH (i:Instruction {id: id})
RETURN i.id AS id, i.status AS status, i.waived_by AS waived_by, i.sessions AS sessions, i.concepts AS concepts, i.syllabus_id AS syllabus_id
