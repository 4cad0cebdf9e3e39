// The pairs of syllabi below a node that were crossed, why they go together, and how many of their combinations were drawn.
// access: read
// $id string: the node
// $limit integer: maximum number of rows
// example: {"id": "0190", "limit": 20}
MATCH (top:TaxonomyNode {id: $id})
MATCH (top) ((above WHERE NOT above:Syllabus)-[:CONTAINS]->())* (y:Syllabus)
WITH DISTINCT y
MATCH (y)-[r:CROSSED_WITH]-(z:Syllabus)
WITH DISTINCT r, startNode(r) AS a, endNode(r) AS b
WITH r, a, b ORDER BY r.score DESC, a.id, b.id LIMIT $limit
RETURN a.name AS syllabus, b.name AS other, r.score AS score, r.shared AS shared_concepts, r.together AS taught_together,
       r.hops AS levels_up, reduce(all = 0, n IN r.drawn | all + n) AS drawn, reduce(all = 0.0, n IN r.capacity | all + n) AS combinations,
       a.id AS id, b.id AS other_id
ORDER BY score DESC, id, other_id
