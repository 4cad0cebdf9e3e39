// Locks what is counted of disciplines, in the order of their ids, and returns it as it now is.
// access: write
// $batch map: ids of the disciplines
UNWIND $batch.ids AS id
WITH DISTINCT id ORDER BY id
MERGE (r:Rollup {id: id})
SET r.held = true
RETURN r {.id, .figures, shares: COLLECT { MATCH (r)-[:SHARES]-(o) RETURN o.id }} AS rollup
