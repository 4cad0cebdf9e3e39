// For each node, how many accepted instructions are below it, each once.
// access: read
// $ids list: ids of the nodes
// example: {"ids": ["0190"]}
MATCH (top:TaxonomyNode) WHERE top.id IN $ids
CALL (top) {
  MATCH (top)-[:CONTAINS*0..]->(s:ClassSession)
  WITH DISTINCT s
  MATCH (s)<-[:DRAWN_FROM]-(i:Instruction {status: 'accepted'})
  RETURN i
  UNION
  MATCH (top)<-[:COVERS]-(i:Instruction)
  RETURN i
}
RETURN top.id AS id, count(DISTINCT i) AS instructions
