// What a work unit has stored so far.
// access: read
// $unit_id string: the work unit
// example: {"unit_id": "00"}
MATCH (i:Instruction {unit_id: $unit_id})
RETURN i.id AS id, i.status AS status, i.question AS question, i.concepts AS concepts,
       i.calls AS calls, i.prompt_tokens AS prompt_tokens, i.completion_tokens AS completion_tokens
