// Removes merged nodes, which have no relationships left to keep; open proposals about them are superseded.
// access: write
// $ids list: ids
UNWIND $ids AS id
MATCH (n:TaxonomyNode {id: id})
CALL (n) {
  MATCH (p:Proposal)-[a:ABOUT]->(n) WHERE p.state = 'open' AND a.role <> 'parent'
  SET p.state = 'superseded'
}
CALL (id) {
  MATCH (r:Rollup {id: id})
  DETACH DELETE r
}
DETACH DELETE n
