// Relates nodes to the nodes of their taxonomy that have some source keys, or that have some ids; what is not there is added to the list `related` of the node.
// access: write
// $batch map: rows, maps of id and related (maps of key and id, one of them null, and uri)
UNWIND $batch.rows AS row
MATCH (n:TaxonomyNode {id: row.id})
CALL (row, n) {
  UNWIND row.related AS other
  OPTIONAL MATCH (a:TaxonomyNode {source_key: other.key})
  OPTIONAL MATCH (b:TaxonomyNode {id: other.id})
  WITH n, other, coalesce(a, b) AS o
  FOREACH (_ IN CASE WHEN o IS NULL OR o = n OR EXISTS { (o)-[:RELATED]-(n) } THEN [] ELSE [1] END | MERGE (n)-[:RELATED]->(o))
  RETURN collect(CASE WHEN o IS NULL THEN other.uri END) AS outside
}
WITH n, [uri IN outside WHERE NOT uri IN coalesce(n.related, [])] AS more WHERE size(more) > 0
SET n.related = coalesce(n.related, []) + more, n.seal = null
