// How much of a syllabus's strata is handed out.
// access: read
// $id string: the syllabus
// example: {"id": "0190"}
MATCH (y:TaxonomyNode {id: $id})
RETURN y.drawn AS drawn, y.space_version AS space_version
