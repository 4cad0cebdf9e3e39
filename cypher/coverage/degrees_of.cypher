// The accepted concepts of some syllabi, with how many accepted instructions cover each.
// access: read
// $ids list: ids of the syllabi
// example: {"ids": ["0190"]}
UNWIND $ids AS id
MATCH (y:TaxonomyNode {id: id})-[:CONTAINS]->(:ClassSession {status: 'accepted'})-[:CONTAINS]->(k:KeyConcept {status: 'accepted'})
WITH DISTINCT id, k
RETURN id, collect(k.id) AS concepts, collect(COUNT { (k)<-[:COVERS]-() }) AS degrees
