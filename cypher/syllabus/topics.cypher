// The subjects of some syllabi and their disciplines, by name.
// access: read
// $ids list: ids of syllabi
// example: {"ids": ["0190"]}
UNWIND $ids AS id
MATCH (y:TaxonomyNode {id: id})<-[:CONTAINS]-(u:Subject)
OPTIONAL MATCH (u)<-[:CONTAINS]-(d:Discipline)
RETURN id, u.name AS subject, coalesce(d.name, u.name) AS discipline
