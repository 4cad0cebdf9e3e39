// Concepts that have one name within one discipline, which is one too many.
// access: read
// $ids list: the disciplines
// example: {"ids": ["0190"]}
UNWIND $ids AS id
MATCH (:TaxonomyNode {id: id})-[:CONTAINS]->(:Subject)-[:CONTAINS]->(:Syllabus)-[:CONTAINS]->(:ClassSession)-[:CONTAINS]->(k:KeyConcept)
WITH DISTINCT id, k ORDER BY k.id
WITH id, k.name_key AS name_key, collect(k {.id, .name, .home}) AS nodes
WHERE size(nodes) > 1
RETURN id, name_key, nodes
