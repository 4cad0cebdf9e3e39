// The number of accepted concepts that can be drawn below a node, by number of accepted instructions.
// access: read
// $id string: the node
// example: {"id": "0190"}
MATCH (top:TaxonomyNode {id: $id})
MATCH (top) ((above WHERE NOT above:Syllabus AND above.status = 'accepted')-[:CONTAINS]->())* (y:Syllabus {status: 'accepted'})
WITH DISTINCT y
MATCH (y)-[:CONTAINS]->(:ClassSession {status: 'accepted'})-[:CONTAINS]->(k:KeyConcept {status: 'accepted'})
WITH DISTINCT k
RETURN COUNT { (k)<-[:COVERS]-() } AS degree, count(*) AS concepts
ORDER BY degree
