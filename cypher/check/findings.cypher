// What a check found, in the order in which the instructions were made.
// access: read
// $after string: the finding after which to begin; the check's id and a slash at the start
// $end string: the id before which to end
// $limit integer: maximum number of rows
// example: {"after": "0190/", "end": "01900", "limit": 100}
MATCH (f:Finding) WHERE f.id > $after AND f.id < $end
WITH f ORDER BY f.id LIMIT $limit
RETURN f.id AS id, f.instruction AS instruction, f.reason AS reason, f.links AS links, f.outcome AS outcome
ORDER BY id
