// Relates targets to what the nodes merged into them were related to.
// access: write
// $pairs list: maps of old and new, ids
UNWIND $pairs AS pair
MATCH (n:TaxonomyNode {id: pair.new})
CALL (pair, n) {
  MATCH (:TaxonomyNode {id: pair.old})-[r:RELATED]-(o:TaxonomyNode)
  FOREACH (_ IN CASE WHEN o = n OR EXISTS { (o)-[:RELATED]-(n) } THEN [] ELSE [1] END | MERGE (n)-[:RELATED]->(o))
  DELETE r
}
