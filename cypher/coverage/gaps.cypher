// The accepted concepts below some nodes, the least covered first; those covered alike in the order of their disciplines.
// access: read
// $batch map: parts, maps of id (a node) and degrees (only concepts with this number of instructions; null: all)
// $degree integer: the cursor's number of instructions, -1 at the start
// $home string: the cursor's home of the concept, empty at the start
// $after string: the cursor's concept, empty at the start
// $limit integer: maximum number of rows
// example: {"batch": {"parts": [{"id": "0190", "degrees": null}]}, "degree": -1, "home": "", "after": "", "limit": 50}
UNWIND $batch.parts AS part
CALL (part) {
  MATCH (top:TaxonomyNode {id: part.id})
  MATCH (top)-[:CONTAINS*0..]->(k:KeyConcept) WHERE k.status = 'accepted'
  WITH DISTINCT part, k
  WITH part, k, COUNT { (k)<-[:COVERS]-() } AS instructions
  WHERE (part.degrees IS NULL OR instructions IN part.degrees)
    AND (instructions > $degree
         OR (instructions = $degree AND (k.home > $home OR (k.home = $home AND k.id > $after))))
  RETURN k, instructions ORDER BY instructions, k.home, k.id LIMIT $limit
}
WITH DISTINCT k, instructions ORDER BY instructions, k.home, k.id LIMIT $limit
RETURN k.id AS id, k.name AS name, instructions, k.home AS home,
  COLLECT { MATCH (s)-[:CONTAINS]->(k) RETURN s {.id, .name} ORDER BY s.id LIMIT 5 } AS sessions
ORDER BY instructions, home, id
