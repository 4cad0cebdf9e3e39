// Makes nodes of one kind into nodes of another; a discipline's kept figures go.
// access: write
// $batch map: rows, maps of id, was and kind (labels) and key
UNWIND $batch.rows AS row
MATCH (n:TaxonomyNode {id: row.id})
SET n:$(row.kind), n.key = row.key, n.version = n.version + 1, n.updated_at = datetime(), n.seal = null
REMOVE n:$(row.was)
WITH row
MATCH (r:Rollup {id: row.id})
DETACH DELETE r
