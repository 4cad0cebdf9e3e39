// Locks what is counted of some disciplines, and of those that share something with them, and declares it unknown until it is counted again.
// access: write
// $batch map: ids of the disciplines
UNWIND $batch.ids AS id
WITH DISTINCT id ORDER BY id
MERGE (r:Rollup {id: id})
SET r.known = false
WITH r
CALL (r) {
  MATCH (r)-[:SHARES]-(other)
  WITH DISTINCT other ORDER BY other.id
  SET other.known = false
}
