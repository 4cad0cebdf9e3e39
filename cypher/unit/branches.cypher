// The branches of a job that have something left to do, in the order of their ids.
// access: read
// $job_id string: the job
// $after string: the cursor, empty at the start
// $limit integer: maximum number of rows
// example: {"job_id": "0190", "after": "", "limit": 100}
MATCH (u:WorkUnit)
// The index serves only where each of its properties is asked for, u.step and u.node_id as well.
WHERE u.job_id = $job_id AND u.branch_id > $after AND u.step IS NOT NULL AND u.state = 'pending' AND u.node_id IS NOT NULL
RETURN DISTINCT u.branch_id AS id ORDER BY id LIMIT $limit
