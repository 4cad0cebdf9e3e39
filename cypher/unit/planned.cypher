// How many instructions a job has planned of each syllabus and crossing of a branch, and how many of them are still to be made.
// access: read
// $job_id string: the job
// $branch_id string: the branch
// example: {"job_id": "0190", "branch_id": "0190"}
MATCH (u:WorkUnit)
WHERE u.job_id = $job_id AND u.branch_id = $branch_id AND u.step = 'instructions' AND u.state IS NOT NULL AND u.node_id IS NOT NULL
RETURN u.node_id + coalesce(' ' + u.partner_id, '') AS id, sum(u.requested) AS planned,
       sum(CASE u.state WHEN 'pending' THEN u.requested ELSE 0 END) AS pending
ORDER BY id
