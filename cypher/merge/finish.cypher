// Removes merged nodes, which have no relationships left to keep.
// access: write
// $ids list: ids
UNWIND $ids AS id
MATCH (n:TaxonomyNode {id: id})
CALL (id) {
  MATCH (r:Rollup {id: id})
  DETACH DELETE r
}
DETACH DELETE n
