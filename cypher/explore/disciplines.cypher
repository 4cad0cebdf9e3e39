// The state of each discipline below a node: subjects, sessions and concepts that are not retired, and accepted instructions.
// access: read
// $id string: the node
// $limit integer: maximum number of rows
// example: {"id": "0190", "limit": 200}
MATCH (:TaxonomyNode {id: $id}) ((above WHERE NOT above:Discipline)-[:CONTAINS]->())* (d:Discipline)
WITH DISTINCT d
OPTIONAL MATCH (r:Rollup {id: d.id})
// What is kept of it, where nobody has edited it since it was counted.
WITH d, r.sums AS sums
CALL (d, sums) {
  WITH sums WHERE sums IS NOT NULL
  RETURN sums[..3] AS nodes, sums[3] AS instructions
  UNION ALL
  WITH d, sums WHERE sums IS NULL
  RETURN [
    COUNT { MATCH (d)-[:CONTAINS]->(u:Subject) WHERE u.status <> 'retired' RETURN DISTINCT u },
    COUNT { MATCH (d)-[:CONTAINS*3]->(s:ClassSession) WHERE s.status <> 'retired' RETURN DISTINCT s },
    COUNT { MATCH (d)-[:CONTAINS*4]->(k:KeyConcept) WHERE k.status <> 'retired' RETURN DISTINCT k }
  ] AS nodes,
  COUNT { MATCH (d)-[:CONTAINS*3]->(:ClassSession)<-[:DRAWN_FROM]-(i:Instruction {status: 'accepted'}) RETURN DISTINCT i } AS instructions
}
RETURN d.id AS id, d.name AS discipline, nodes[0] AS subjects, nodes[1] AS sessions, nodes[2] AS concepts, instructions
ORDER BY instructions DESC, discipline, id LIMIT $limit
