// For each group of nodes, how many of the accepted instructions below them have each value of their dials, each once.
// access: read
// $batch map: groups, maps of id and tops (ids of the nodes)
// example: {"batch": {"groups": [{"id": "all", "tops": ["0190"]}]}}
UNWIND $batch.groups AS g
CALL (g) {
  UNWIND g.tops AS one
  MATCH (top:TaxonomyNode {id: one})
  CALL (top) {
    MATCH (top) ((above WHERE NOT above:ClassSession)-[:CONTAINS]->())* (s:ClassSession)
    WITH DISTINCT s
    MATCH (s)<-[:DRAWN_FROM]-(i:Instruction {status: 'accepted'}) WHERE i.dials IS NOT NULL
    RETURN i
    UNION
    MATCH (top)<-[:COVERS]-(i:Instruction) WHERE i.dials IS NOT NULL
    RETURN i
  }
  WITH DISTINCT i
  UNWIND i.dials AS dial
  RETURN dial, count(*) AS instructions
}
RETURN g.id AS id, dial, instructions
