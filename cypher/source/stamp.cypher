// Keeps on nodes what leads to them from a vocabulary, and what imports said of them, to compare the next ones with.
// access: write
// $batch map: rows, maps of id and kept (properties that nobody sees)
UNWIND $batch.rows AS row
MATCH (n:TaxonomyNode {id: row.id})
SET n += row.kept
