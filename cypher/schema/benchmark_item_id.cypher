// No two items of benchmarks have one id.
// access: schema
CREATE CONSTRAINT benchmark_item_id IF NOT EXISTS FOR (i:BenchmarkItem) REQUIRE i.id IS UNIQUE
