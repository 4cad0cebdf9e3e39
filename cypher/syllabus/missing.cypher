// The accepted subjects below a node, the node itself among them, that have no accepted syllabus.
// access: read
// $id string: the node
// example: {"id": "0190"}
MATCH (top:TaxonomyNode {id: $id})
MATCH (top) ((above WHERE NOT above:Subject AND above.status = 'accepted')-[:CONTAINS]->())* (u:Subject {status: 'accepted'})
WHERE NOT EXISTS { MATCH (u)-[:CONTAINS]->(y:Syllabus) WHERE y.status = 'accepted' }
WITH DISTINCT u
RETURN u.id AS id ORDER BY id
