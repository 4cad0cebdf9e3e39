// Accepted subjects below a node without an accepted syllabus.
// access: read
// $id string: the node
// $limit integer: maximum number of rows
// example: {"id": "0190", "limit": 20}
MATCH (:TaxonomyNode {id: $id}) ((above WHERE NOT above:Subject)-[:CONTAINS]->())* (u:Subject)
WITH DISTINCT u
WHERE u.status = 'accepted' AND NOT EXISTS { (u)-[:CONTAINS]->(:Syllabus {status: 'accepted'}) }
RETURN u.id AS id, u.name AS subject, COLLECT { MATCH (d)-[:CONTAINS]->(u) RETURN d.name ORDER BY d.name } AS disciplines
ORDER BY subject, id LIMIT $limit
