// For each group of nodes, on which day how many of the concepts below them got the first of their accepted instructions.
// access: read
// $batch map: groups, maps of id and tops (ids of the nodes)
// example: {"batch": {"groups": [{"id": "all", "tops": ["0190"]}]}}
UNWIND $batch.groups AS g
CALL (g) {
  UNWIND g.tops AS one
  MATCH (top:TaxonomyNode {id: one})
  MATCH (top)-[:CONTAINS*0..]->(k:KeyConcept) WHERE k.status = 'accepted'
  WITH DISTINCT k
  MATCH (k)<-[:COVERS]-(i:Instruction)
  WITH k, min(coalesce(i.accepted_at, i.created_at)) AS first
  RETURN toString(date(first)) AS day, count(*) AS concepts
}
RETURN g.id AS id, day, concepts
