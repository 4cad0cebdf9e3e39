// Seals locked benchmarks as they now are.
// access: write
// $rows list: maps of id (the name) and seal, the number that stands for what has to agree in a benchmark
UNWIND $rows AS row
MATCH (b:Benchmark {name: row.id})
SET b.seal = row.seal
