// For each group of nodes, the number of accepted concepts below them by number of accepted instructions; what two nodes share counts once.
// access: read
// $batch map: groups, maps of id and tops (ids of the nodes)
// example: {"batch": {"groups": [{"id": "all", "tops": ["0190"]}]}}
UNWIND $batch.groups AS g
CALL (g) {
  UNWIND g.tops AS one
  MATCH (top:TaxonomyNode {id: one})
  MATCH (top)-[:CONTAINS*0..]->(k:KeyConcept) WHERE k.status = 'accepted'
  WITH DISTINCT k
  RETURN COUNT { (k)<-[:COVERS]-() } AS degree, count(*) AS concepts
}
RETURN g.id AS id, degree, concepts
