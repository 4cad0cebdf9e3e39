// The accepted concepts that can be drawn below a node, by the first syllabus that teaches them, with how many accepted instructions cover each.
// access: read
// $id string: the node
// example: {"id": "0190"}
MATCH (top:TaxonomyNode {id: $id})
MATCH (top) ((above WHERE NOT above:Syllabus AND above.status = 'accepted')-[:CONTAINS]->())* (y:Syllabus {status: 'accepted'})
WITH DISTINCT y
MATCH (y)-[:CONTAINS]->(:ClassSession {status: 'accepted'})-[:CONTAINS]->(k:KeyConcept {status: 'accepted'})
WITH k, min(y.id) AS id
// A row for each syllabus: rows cost more on their way than what is in them.
RETURN id, collect(k.id) AS concepts, collect(COUNT { (k)<-[:COVERS]-() }) AS degrees
ORDER BY id
