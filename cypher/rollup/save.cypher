// Stores what is counted of locked disciplines.
// access: write
// $batch map: rows, maps of id, figures (JSON) and sums (subjects, sessions, concepts and instructions)
UNWIND $batch.rows AS row
MATCH (r:Rollup {id: row.id})
SET r.figures = row.figures, r.sums = row.sums
