// The jobs that ran a test set, newest first.
// access: read
// $name string: the test set
// $before string: the cursor, a large string at the start
// $limit integer: maximum number of rows
// example: {"name": "exam", "before": "~", "limit": 50}
MATCH (t:GlanTest {name: $name})<-[:RUNS]-(j:Job) WHERE j.id < $before
RETURN j.id AS id ORDER BY id DESC LIMIT $limit
