// Locks benchmarks and returns them as they now are.
// access: write
// $ids list: their names
UNWIND $ids AS name
MATCH (b:Benchmark {name: name})
SET b.asked_at = b.asked_at + duration('PT0S')
RETURN b {.*, loaded_at: toString(b.loaded_at)} AS benchmark
