// Removes a benchmark that has no items any more; no row if another request has taken it over.
// access: write
// $name string: the benchmark
// $id string: its id
MATCH (b:Benchmark {name: $name}) WHERE b.id = $id AND b.state <> 'done' AND NOT (b)-[:HAS_ITEM]->()
DETACH DELETE b
RETURN $name AS name
