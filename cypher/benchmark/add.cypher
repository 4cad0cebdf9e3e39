// Adds items to a benchmark that is being loaded, each once; no row if another request has taken it over.
// access: write
// $name string: the benchmark
// $id string: its id
// $rows list: maps of id, split, task, text and tokens
MATCH (b:Benchmark {name: $name})
SET b.asked_at = datetime()
WITH b WHERE b.id = $id AND b.state = 'loading'
CALL (b) {
  UNWIND $rows AS row
  MERGE (i:BenchmarkItem {id: row.id})
    ON CREATE SET i.split = row.split, i.task = row.task, i.text = row.text, i.tokens = row.tokens
  MERGE (b)-[:HAS_ITEM]->(i)
}
SET b.items = COUNT { (b)-[:HAS_ITEM]->() }
RETURN b.items AS items
