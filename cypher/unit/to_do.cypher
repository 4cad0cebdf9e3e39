// A page of the instruction units of a branch that are still to be done, those of one syllabus next to each other.
// access: read
// $job_id string: the job
// $branch_id string: the branch
// $node string: the cursor's syllabus, empty at the start
// $after string: the cursor's unit, empty at the start
// $limit integer: maximum number of rows
// example: {"job_id": "0190", "branch_id": "0190", "node": "", "after": "", "limit": 500}
MATCH (u:WorkUnit)
WHERE u.job_id = $job_id AND u.branch_id = $branch_id AND u.step = 'instructions' AND u.state = 'pending'
  AND u.node_id >= $node AND (u.node_id > $node OR u.id > $after)
RETURN u {.*, created_at: toString(u.created_at), updated_at: toString(u.updated_at)} AS unit ORDER BY u.node_id, u.id LIMIT $limit
