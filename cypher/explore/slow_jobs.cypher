// Which of the latest ended jobs took the longest for one accepted instruction.
// access: read
// $jobs integer: of so many latest jobs
// $limit integer: at most so many
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
