// Locks syllabi while positions of their strata are handed out.
// access: write
// $ids list: ids of the syllabi, in the one order that everybody locks them in
UNWIND $ids AS id
MATCH (y:TaxonomyNode {id: id}) WHERE y:Syllabus
SET y.version = y.version + 0
