// The discipline and the field of each of some syllabi; of several, the one with the smallest id.
// access: read
// $ids list: ids of syllabi
// example: {"ids": ["0190"]}
UNWIND $ids AS id
MATCH (y:TaxonomyNode {id: id})<-[:CONTAINS]-(:Subject)<-[:CONTAINS]-(d:Discipline)
WITH y, d ORDER BY d.id
WITH y, collect(d)[0] AS d
RETURN y.id AS id, d.id AS discipline_id, d.name AS discipline,
  COLLECT { MATCH (d)<-[:CONTAINS]-+(f:Field) WITH DISTINCT f ORDER BY f.id LIMIT 1 RETURN f.name }[0] AS field
