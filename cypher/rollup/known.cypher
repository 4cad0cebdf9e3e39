// What is counted of some disciplines, and with which others each shares something below it.
// access: read
// $batch map: ids of the disciplines
// example: {"batch": {"ids": ["0190"]}}
MATCH (r:Rollup) WHERE r.id IN $batch.ids AND r.known
RETURN r {.*, shares: COLLECT { MATCH (r)-[:SHARES]-(o) RETURN o.id }} AS rollup
