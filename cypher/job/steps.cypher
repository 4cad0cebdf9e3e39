// What became of a job's work units that grow the taxonomy or draw, by step and state, with their usage.
// access: read
// $id string: the job
// example: {"id": "0190"}
MATCH (:Job {id: $id})-[:HAS_UNIT]->(u:WorkUnit)
RETURN u.step AS step, u.state AS state, count(*) AS units,
       sum(CASE u.step WHEN 'instructions' THEN 0 ELSE coalesce(u.calls, 0) END) AS calls,
       sum(CASE u.step WHEN 'instructions' THEN 0 ELSE coalesce(u.prompt_tokens, 0) + coalesce(u.completion_tokens, 0) END) AS tokens,
       sum(CASE u.step WHEN 'instructions' THEN 0.0 ELSE coalesce(u.cost_usd, 0.0) END) AS usd,
       sum(CASE u.step WHEN 'instructions' THEN 0 ELSE coalesce(u.unpriced, 0) END) AS unpriced
