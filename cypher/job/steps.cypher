// What became of the work units of some jobs, by step and state, with the usage of those that grow the taxonomy and what was dropped in them.
// access: read
// $ids list: the jobs
// example: {"ids": ["0190"]}
UNWIND $ids AS id
MATCH (:Job {id: id})-[:HAS_UNIT]->(u:WorkUnit)
WITH id, u, u.step AS step, u.state AS state, CASE u.step WHEN 'instructions' THEN null ELSE u.spent END AS spent
RETURN id, step, state, count(*) AS units, toInteger(sum(spent[0])) AS calls, toInteger(sum(spent[1])) AS tokens,
       sum(spent[2]) AS usd, toInteger(sum(spent[3])) AS unpriced,
       sum(coalesce(u.ungrounded, 0)) AS ungrounded, sum(coalesce(u.asked_again, 0)) AS asked_again,
       sum(coalesce(u.by_lines, 0)) AS by_lines, sum(coalesce(u.known, 0)) AS known
