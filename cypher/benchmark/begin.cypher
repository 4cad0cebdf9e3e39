// Begins to load a benchmark, or takes over one that was not loaded to its end; returns it as it stands then.
// access: write
// $name string: its name
// $id string: its id, if it is not loaded already
// $properties map: what is stored of it
MERGE (b:Benchmark {name: $name})
  ON CREATE SET b.state = 'loading'
// For the lock: a request at the same moment waits here.
SET b.asked_at = datetime()
WITH b, b.state <> 'done' AS ours
CALL (b, ours) {
  WITH b, ours WHERE ours
  SET b += $properties, b.id = $id, b.state = 'loading', b.items = 0, b.splits = [], b.split_items = []
}
RETURN b {.*, loaded_at: toString(b.loaded_at)} AS benchmark, ours
