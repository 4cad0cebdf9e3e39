// The benchmarks that are loaded to their end, by name.
// access: read
// example: {}
MATCH (b:Benchmark) WHERE b.name > '' AND b.state = 'done'
RETURN b {.*, loaded_at: toString(b.loaded_at)} AS benchmark
ORDER BY b.name
