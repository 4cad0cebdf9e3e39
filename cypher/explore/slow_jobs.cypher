// Of the latest finished jobs, those that took the longest per accepted instruction.
// access: read
// $jobs integer: number of latest jobs to compare
// $limit integer: maximum number of rows
// example: {"jobs": 100, "limit": 20}
MATCH (j:Job) WHERE j.id > '' AND j.ended_at IS NOT NULL
WITH j ORDER BY j.id DESC LIMIT $jobs
CALL (j) {
  MATCH (j)-[:HAS_UNIT]->(u:WorkUnit {step: 'instructions'})
  RETURN sum(coalesce(u.accepted, 0)) AS accepted, sum(coalesce(u.calls, 0)) AS calls
}
WITH j, accepted, calls, duration.inSeconds(j.started_at, j.ended_at).seconds AS seconds
WHERE accepted > 0
RETURN j.id AS id, COLLECT { MATCH (j)-[:GROWS]->(n) RETURN n.name }[0] AS node, j.state AS state, accepted, calls,
       seconds, toFloat(seconds) / accepted AS seconds_each
ORDER BY seconds_each DESC, id LIMIT $limit
