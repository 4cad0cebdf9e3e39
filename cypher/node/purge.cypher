// Removes nodes for good, with the old ids and keys that stood for them, and supersedes open proposals about them; returns those that lose a parent, whose versions are counted up, for their parents are a part of them.
// access: write
// $ids list: ids
CALL () {
  UNWIND $ids AS id
  MATCH (:TaxonomyNode {id: id})-[:CONTAINS]->(c)
  WHERE NOT c.id IN $ids
  WITH DISTINCT c ORDER BY c.id
  SET c.version = c.version + 1, c.updated_at = datetime()
  RETURN collect(c.id) AS left
}
CALL () {
  UNWIND $ids AS id
  MATCH (n:TaxonomyNode {id: id})
  CALL (n) {
    MATCH (a:Alias|OldKey)-[:OF]->(n)
    DETACH DELETE a
  }
  CALL (n) {
    MATCH (p:Proposal)-[about:ABOUT]->(n) WHERE p.state = 'open' AND about.role <> 'parent'
    SET p.state = 'superseded'
  }
  CALL (id) {
    MATCH (r:Rollup {id: id})
    DETACH DELETE r
  }
  DETACH DELETE n
}
UNWIND left AS id
RETURN id
