// Removes nodes for good, with the aliases that stood for them.
// access: write
// $ids list: ids
UNWIND $ids AS id
MATCH (n:TaxonomyNode {id: id})
CALL (n) {
  MATCH (a:Alias)-[:OF]->(n)
  DETACH DELETE a
}
CALL (id) {
  MATCH (r:Rollup {id: id})
  DETACH DELETE r
}
DETACH DELETE n
