// The units of one step in one branch of a job that are still to be done.
// access: read
// $job_id string: the job
// $branch_id string: the branch
// $step string: levels, taxonomy, subjects, syllabi, draw, instructions or pairs
// example: {"job_id": "0190", "branch_id": "0190", "step": "syllabi"}
MATCH (u:WorkUnit)
WHERE u.job_id = $job_id AND u.branch_id = $branch_id AND u.step = $step AND u.state = 'pending' AND u.node_id IS NOT NULL
RETURN u {.*, created_at: toString(u.created_at)} AS unit ORDER BY u.id
