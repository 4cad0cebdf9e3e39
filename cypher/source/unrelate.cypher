// Ends relations of nodes to the nodes of their taxonomy that have some source keys, or that have some ids.
// access: write
// $batch map: rows, maps of id and related (maps of key and id, one of them null, and uri)
UNWIND $batch.rows AS row
MATCH (n:TaxonomyNode {id: row.id})
UNWIND row.related AS other
OPTIONAL MATCH (a:TaxonomyNode {source_key: other.key})
OPTIONAL MATCH (b:TaxonomyNode {id: other.id})
WITH n, coalesce(a, b) AS o WHERE o IS NOT NULL
MATCH (n)-[r:RELATED]-(o)
DELETE r
