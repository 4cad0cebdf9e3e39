// Locks a syllabus while positions of its strata are handed out.
// access: write
// $id string: the syllabus
MATCH (y:TaxonomyNode {id: $id}) WHERE y:Syllabus
SET y.updated_at = y.updated_at
RETURN y.drawn AS drawn, y.space_version AS space_version, coalesce(y.respaced, false) AS respaced
