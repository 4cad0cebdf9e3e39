// Questions that a test run has still to do, in the order of its units.
// access: read
// $job_id string: the run's job
// $after string: the cursor, empty at the start
// $limit integer: maximum number of rows
// example: {"job_id": "0190", "after": "", "limit": 100}
MATCH (u:WorkUnit)
WHERE u.job_id = $job_id AND u.branch_id IS NOT NULL AND u.step = 'pairs' AND u.state = 'pending' AND u.node_id IS NOT NULL AND u.id > $after
WITH u ORDER BY u.id LIMIT $limit
MATCH (i:Instruction {id: u.node_id})
RETURN u.id AS unit_id, i.id AS id, i.question AS question, i.language AS language ORDER BY unit_id
