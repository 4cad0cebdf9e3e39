// The accepted instructions of a syllabus that have no words yet by which others find them, in the order of their ids.
// access: read
// $syllabus string: the syllabus
// $limit integer: maximum number of rows
// example: {"syllabus": "0190", "limit": 100}
MATCH (:TaxonomyNode {id: $syllabus})-[:CONTAINS]->()<-[:DRAWN_FROM]-(i:Instruction {status: 'accepted'})
WHERE i.words IS NULL
WITH DISTINCT i ORDER BY i.id LIMIT $limit
RETURN i.id AS id, i.created_at.epochMillis AS created, i.question AS question, i.answer AS answer, i.concepts AS concepts
ORDER BY id
