// The disciplines at or above some nodes.
// access: read
// $batch map: ids of the nodes
// example: {"batch": {"ids": ["0190"]}}
UNWIND $batch.ids AS id
MATCH (n:TaxonomyNode {id: id})
MATCH (n) (()<-[:CONTAINS]-(:Discipline|Subject|Syllabus|ClassSession))* (d:Discipline)
RETURN DISTINCT d.id AS id ORDER BY id
