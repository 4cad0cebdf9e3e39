// The accepted sessions of a syllabus in their order, each with its accepted concepts.
// access: read
// $id string: the syllabus
// example: {"id": "0190"}
MATCH (:TaxonomyNode {id: $id})-[r:CONTAINS]->(s:ClassSession {status: 'accepted'})
WITH s, coalesce(r.position, 2147483647) AS position ORDER BY position, s.id
RETURN s.id AS id, s.name AS name, s.description AS description,
  COLLECT {
    MATCH (s)-[c:CONTAINS]->(k:KeyConcept {status: 'accepted'})
    RETURN k {.id, .name} ORDER BY coalesce(c.position, 2147483647), k.id
  } AS concepts
