// The work units of a job by step and state, and when they changed.
// access: read
// $job_id string: the job
// example: {"job_id": "0190"}
MATCH (:Job {id: $job_id})-[:HAS_UNIT]->(u:WorkUnit)
RETURN u.step AS step, u.state AS state, count(*) AS units, sum(coalesce(u.calls, 0)) AS calls,
       toString(min(u.created_at)) AS first, toString(max(u.updated_at)) AS last
ORDER BY step, state
