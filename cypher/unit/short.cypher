// The draw units of a job that found fewer combinations than they were asked for.
// access: read
// $job_id string: the job
// example: {"job_id": "0190"}
MATCH (u:WorkUnit)
WHERE u.job_id = $job_id AND u.branch_id IS NOT NULL AND u.step = 'draw' AND u.state = 'short' AND u.node_id IS NOT NULL
RETURN u.id AS id, u.branch_id AS branch_id, u.left AS left, coalesce(u.across, false) AS across ORDER BY id
