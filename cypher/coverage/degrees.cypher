// The accepted concepts that can be drawn below a node, with how many accepted instructions cover them and the first syllabus that teaches them.
// access: read
// $id string: the node
// example: {"id": "0190"}
MATCH (:TaxonomyNode {id: $id})-[:CONTAINS*0..]->(y:Syllabus {status: 'accepted'})
WITH DISTINCT y
MATCH (y)-[:CONTAINS]->(:ClassSession {status: 'accepted'})-[:CONTAINS]->(k:KeyConcept {status: 'accepted'})
WITH k, min(y.id) AS syllabus_id
RETURN k.id AS id, COUNT { (k)<-[:COVERS]-() } AS degree, syllabus_id
