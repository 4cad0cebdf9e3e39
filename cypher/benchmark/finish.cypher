// Ends the loading of a benchmark, which from then on is matched; no row if another request has taken it over.
// access: write
// $name string: the benchmark
// $id string: its id
// $properties map: what is known at the end: sha256, digest and unrecognisable
MATCH (b:Benchmark {name: $name})
SET b.asked_at = datetime()
WITH b WHERE b.id = $id AND b.state = 'loading'
CALL (b) {
  MATCH (b)-[:HAS_ITEM]->(i)
  WITH i.split AS split, count(*) AS items ORDER BY split
  RETURN collect(split) AS splits, collect(items) AS split_items
}
SET b += $properties, b.state = 'done', b.loaded_at = datetime(), b.splits = splits, b.split_items = split_items
RETURN b {.*, loaded_at: toString(b.loaded_at)} AS benchmark
