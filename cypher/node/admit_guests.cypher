// Notes at nodes, and at the disciplines above them, that something may stand below whose name is kept elsewhere: its home is another.
// access: write
// $ids list: the nodes
UNWIND $ids AS id
MATCH (p:TaxonomyNode {id: id})
CALL (p) {
  RETURN p AS host
  UNION
  MATCH (host:Discipline)-[:CONTAINS*1..]->(p)
  RETURN host
}
WITH DISTINCT host WHERE host.guests IS NULL
SET host.guests = true
