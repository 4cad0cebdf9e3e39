// What became of a job's work units that grow the taxonomy or draw, by step and state, with their usage and what was dropped in them.
// access: read
// $id string: the job
// example: {"id": "0190"}
MATCH (:Job {id: $id})-[:HAS_UNIT]->(u:WorkUnit)
WITH u, u.step AS step, u.state AS state, CASE u.step WHEN 'instructions' THEN null ELSE u.spent END AS spent
RETURN step, state, count(*) AS units, toInteger(sum(spent[0])) AS calls, toInteger(sum(spent[1])) AS tokens,
       sum(spent[2]) AS usd, toInteger(sum(spent[3])) AS unpriced,
       sum(coalesce(u.ungrounded, 0)) AS ungrounded, sum(coalesce(u.asked_again, 0)) AS asked_again
