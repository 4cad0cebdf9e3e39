// Removes nodes for good, with the old ids and keys that stood for them.
// access: write
// $ids list: ids
UNWIND $ids AS id
MATCH (n:TaxonomyNode {id: id})
CALL (n) {
  MATCH (a:Alias|OldKey)-[:OF]->(n)
  DETACH DELETE a
}
CALL (id) {
  MATCH (r:Rollup {id: id})
  DETACH DELETE r
}
DETACH DELETE n
