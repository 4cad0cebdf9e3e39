// The disciplines below a node with the largest share of combinations of concepts already drawn.
// access: read
// $id string: the node
// $limit integer: maximum number of rows
// example: {"id": "0190", "limit": 20}
MATCH (:TaxonomyNode {id: $id}) ((above WHERE NOT above:Discipline)-[:CONTAINS]->())* (d:Discipline)
WITH DISTINCT d
MATCH (d)-[:CONTAINS]->(:Subject)-[:CONTAINS]->(y:Syllabus {status: 'accepted'}) WHERE y.capacity IS NOT NULL
WITH DISTINCT d, y
WITH d, count(*) AS syllabi, sum(reduce(n = 0.0, c IN y.capacity | n + c)) AS combinations,
     // A combination that was drawn again counts once.
     sum(reduce(n = 0, k IN range(0, size(y.drawn) - 1) | n + CASE WHEN y.drawn[k] > y.capacity[k] THEN y.capacity[k] ELSE y.drawn[k] END)) AS drawn
WHERE combinations > 0
RETURN d.id AS id, d.name AS discipline, syllabi, combinations, drawn, drawn / combinations AS share
ORDER BY share DESC, id LIMIT $limit
