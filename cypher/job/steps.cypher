// What became of a job's work units, by step and state, with their usage.
// access: read
// $id string: the job
// example: {"id": "0190"}
MATCH (:Job {id: $id})-[:HAS_UNIT]->(u:WorkUnit)
RETURN u.step AS step, u.state AS state, u.reason AS reason, count(*) AS units,
       sum(coalesce(u.calls, 0)) AS calls,
       sum(coalesce(u.prompt_tokens, 0) + coalesce(u.completion_tokens, 0)) AS tokens,
       sum(coalesce(u.requested, 0)) AS requested
