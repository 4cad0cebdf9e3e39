// The draw units of a job whose share waits until all branches are grown.
// access: read
// $job_id string: the job
// example: {"job_id": "0190"}
MATCH (u:WorkUnit)
WHERE u.job_id = $job_id AND u.branch_id IS NOT NULL AND u.step = 'draw' AND u.state = 'pending' AND u.node_id IS NOT NULL AND u.left IS NULL
RETURN u.id AS id, u.branch_id AS branch_id, coalesce(u.across, false) AS across ORDER BY branch_id, across
