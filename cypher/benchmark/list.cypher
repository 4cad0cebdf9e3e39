// The benchmarks in the order of their names.
// access: read
// $after string: the cursor, empty at the start
// $limit integer: maximum number of rows
// example: {"after": "", "limit": 100}
MATCH (b:Benchmark) WHERE b.name > $after
WITH b ORDER BY b.name LIMIT $limit
RETURN b {.*, loaded_at: toString(b.loaded_at)} AS benchmark
ORDER BY b.name
