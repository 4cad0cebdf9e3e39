// A benchmark by its name.
// access: read
// $name string: its name
// example: {"name": "gsm8k"}
MATCH (b:Benchmark {name: $name})
RETURN b {.*, loaded_at: toString(b.loaded_at)} AS benchmark
