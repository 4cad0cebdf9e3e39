// The newest jobs, with what they were asked and what they ran with.
// access: read
// $limit integer: maximum number of rows
// example: {"limit": 20}
MATCH (j:Job) WHERE j.id > ''
WITH j ORDER BY j.id DESC LIMIT $limit
RETURN j.id AS id, j.root_id AS root_id, j.spec AS spec, j.resolved AS resolved, j.timings AS timings
