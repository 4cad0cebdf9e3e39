// The accepted concepts below a node, the least covered first.
// access: read
// $id string: the node
// $degree integer: the cursor's number of instructions, -1 at the start
// $after string: the cursor's concept, empty at the start
// $limit integer: at most so many
// example: {"id": "0190", "degree": -1, "after": "", "limit": 50}
MATCH (:TaxonomyNode {id: $id})-[:CONTAINS*0..]->(k:KeyConcept) WHERE k.status = 'accepted'
WITH DISTINCT k
WITH k, COUNT { (k)<-[:COVERS]-() } AS instructions
WHERE instructions > $degree OR (instructions = $degree AND k.id > $after)
ORDER BY instructions, k.id LIMIT $limit
RETURN k.id AS id, k.name AS name, instructions,
  COLLECT { MATCH (s)-[:CONTAINS]->(k) RETURN s {.id, .name} ORDER BY s.id LIMIT 5 } AS sessions
