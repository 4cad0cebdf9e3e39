// Pairs of sessions of one syllabus without an instruction drawn from both.
// access: read
// $id string: the node
// $limit integer: maximum number of rows
// example: {"id": "0190", "limit": 20}
MATCH (:TaxonomyNode {id: $id}) ((above WHERE NOT above:Syllabus)-[:CONTAINS]->())* (y:Syllabus)
WITH DISTINCT y
MATCH (a:ClassSession {status: 'accepted'})<-[:CONTAINS]-(y)-[:CONTAINS]->(b:ClassSession {status: 'accepted'})
WHERE a.id < b.id AND NOT EXISTS { (a)<-[:DRAWN_FROM]-(:Instruction)-[:DRAWN_FROM]->(b) }
// The first that are found: to sort all there are would read the whole subtree.
WITH y, a, b LIMIT $limit
RETURN y.name AS syllabus, a.name AS session, b.name AS other, a.id AS id, b.id AS other_id
ORDER BY syllabus, id, other_id
