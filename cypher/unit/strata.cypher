// How many instructions a job has planned of each stratum.
// access: read
// $job_id string: the job
// example: {"job_id": "0190"}
MATCH (u:WorkUnit)
WHERE u.job_id = $job_id AND u.branch_id IS NOT NULL AND u.step = 'instructions' AND u.state IS NOT NULL AND u.node_id IS NOT NULL
RETURN u.stratum AS stratum, sum(u.requested) AS planned ORDER BY stratum
