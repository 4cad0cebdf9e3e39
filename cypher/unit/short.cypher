// The draw units of a job that found fewer combinations than they were asked for.
// access: read
// $job_id string: the job
// example: {"job_id": "0190"}
MATCH (:Job {id: $job_id})-[:HAS_UNIT]->(u:WorkUnit {step: 'draw', state: 'short'})
RETURN u.id AS id, u.branch_id AS branch_id, u.left AS left ORDER BY id
