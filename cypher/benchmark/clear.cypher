// Removes items of a benchmark that is being loaded or removed; no row if another request has taken it over.
// access: write
// $name string: the benchmark
// $id string: its id
// $limit integer: maximum number per transaction
MATCH (b:Benchmark {name: $name})
SET b.asked_at = datetime()
WITH b WHERE b.id = $id AND b.state <> 'done'
CALL (b) {
  MATCH (b)-[:HAS_ITEM]->(i)
  WITH i LIMIT $limit
  DETACH DELETE i
  RETURN count(*) AS removed
}
RETURN removed
