// Stores what is counted of locked disciplines.
// access: write
// $batch map: rows, maps of id and properties
UNWIND $batch.rows AS row
MATCH (r:Rollup {id: row.id})
SET r += row.properties
