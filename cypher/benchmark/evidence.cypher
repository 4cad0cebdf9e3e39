// How many instructions match an item of a benchmark.
// access: read
// $name string: the benchmark
// example: {"name": "gsm8k"}
MATCH (b:Benchmark {name: $name})
CALL (b) {
  MATCH (b)-[:HAS_ITEM]->(item)<-[:MATCHES]-(i:Instruction)
  RETURN count(DISTINCT i) AS instructions
}
RETURN instructions
