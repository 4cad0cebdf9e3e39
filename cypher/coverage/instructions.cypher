// For each group of nodes, on which day how many of the accepted instructions below them were accepted, each once.
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
    MATCH (s)<-[:DRAWN_FROM]-(i:Instruction {status: 'accepted'})
    RETURN i
    UNION
    MATCH (top)<-[:COVERS]-(i:Instruction)
    RETURN i
  }
  WITH DISTINCT i
  RETURN toString(date(coalesce(i.accepted_at, i.created_at))) AS day, count(*) AS instructions
}
RETURN g.id AS id, day, instructions
