// The syllabi below a node with how many accepted concepts and instructions each has; what two of them share counts with the first.
// access: read
// $id string: the node
// example: {"id": "0190"}
MATCH (top:TaxonomyNode {id: $id})
MATCH (top) ((above WHERE NOT above:Syllabus AND above.status = 'accepted')-[:CONTAINS]->())* (y:Syllabus {status: 'accepted'})
WITH DISTINCT y
CALL (y) {
  MATCH (y)-[:CONTAINS]->(:ClassSession {status: 'accepted'})-[:CONTAINS]->(k:KeyConcept {status: 'accepted'})
  RETURN k AS one
  UNION
  MATCH (y)-[:CONTAINS]->(:ClassSession)<-[:DRAWN_FROM]-(i:Instruction {status: 'accepted'})
  RETURN i AS one
}
WITH one, min(y.id) AS id
RETURN id, count(CASE WHEN one:KeyConcept THEN 1 END) AS concepts, count(CASE WHEN one:Instruction THEN 1 END) AS instructions
ORDER BY id
