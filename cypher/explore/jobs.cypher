// The latest jobs: what each grows, its state, what was requested and how long it took.
// access: read
// $limit integer: maximum number of rows
// example: {"limit": 20}
MATCH (j:Job) WHERE j.id > ''
WITH j ORDER BY j.id DESC LIMIT $limit
RETURN j.id AS id, COLLECT { MATCH (j)-[:GROWS]->(n) RETURN n.name }[0] AS node, j.state AS state, j.reason AS reason,
       j.requested AS requested, toString(j.created_at) AS created_at,
       duration.inSeconds(j.started_at, coalesce(j.ended_at, datetime())).seconds AS seconds
ORDER BY id DESC
