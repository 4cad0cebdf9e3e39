// All branches of a job, in the order of their ids.
// access: read
// $job_id string: the job
// example: {"job_id": "0190"}
MATCH (u:WorkUnit)
WHERE u.job_id = $job_id AND u.branch_id IS NOT NULL AND u.step = 'draw' AND u.state IS NOT NULL AND u.node_id IS NOT NULL
RETURN DISTINCT u.branch_id AS id ORDER BY id
