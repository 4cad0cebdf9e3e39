// All branches of a job, in the order of their ids.
// access: read
// $job_id string: the job
// example: {"job_id": "0190"}
MATCH (:Job {id: $job_id})-[:HAS_UNIT]->(u:WorkUnit {step: 'draw'})
RETURN DISTINCT u.branch_id AS id ORDER BY id
