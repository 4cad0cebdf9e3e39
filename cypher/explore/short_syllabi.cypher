// Accepted syllabi below a node with too few accepted sessions.
// access: read
// $id string: the node
// $sessions integer: number of sessions that is enough
// $limit integer: maximum number of rows
// example: {"id": "0190", "sessions": 5, "limit": 20}
MATCH (:TaxonomyNode {id: $id}) ((above WHERE NOT above:Syllabus)-[:CONTAINS]->())* (y:Syllabus)
WITH DISTINCT y
WHERE y.status = 'accepted'
WITH y, COUNT { (y)-[:CONTAINS]->(:ClassSession {status: 'accepted'}) } AS sessions
WHERE sessions < $sessions
RETURN y.id AS id, y.name AS syllabus, sessions, COLLECT { MATCH (u)-[:CONTAINS]->(y) RETURN u.name ORDER BY u.name } AS subjects
ORDER BY sessions, id LIMIT $limit
