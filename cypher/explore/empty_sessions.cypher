// Accepted sessions below a node without an accepted concept.
// access: read
// $id string: the node
// $limit integer: maximum number of rows
// cost: 10 s a million sessions
// example: {"id": "0190", "limit": 20}
MATCH (:TaxonomyNode {id: $id}) ((above WHERE NOT above:ClassSession)-[:CONTAINS]->())* (s:ClassSession)
WITH DISTINCT s
WHERE s.status = 'accepted' AND NOT EXISTS { (s)-[:CONTAINS]->(:KeyConcept {status: 'accepted'}) }
RETURN s.id AS id, s.name AS session, COLLECT { MATCH (y)-[:CONTAINS]->(s) RETURN y.name ORDER BY y.name } AS syllabi
ORDER BY session, id LIMIT $limit
