// Takes a benchmark out of use, so that it can be removed; no row if it has another id by now.
// access: write
// $name string: the benchmark
// $id string: its id
MATCH (b:Benchmark {name: $name}) WHERE b.id = $id
SET b.state = 'removing'
RETURN b.name AS name
