// The names and ids of the benchmarks that are loaded to their end, which are others after a benchmark was loaded again.
// access: read
// example: {}
MATCH (b:Benchmark) WHERE b.name > '' AND b.state = 'done'
RETURN b.name AS name, b.id AS id
ORDER BY name
