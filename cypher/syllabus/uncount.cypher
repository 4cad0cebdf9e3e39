// Declares it unknown how many combinations the syllabi at or above some sessions, concepts or syllabi have, and their crossings, until something is drawn from these again.
// access: write
// $batch map: ids of the nodes
UNWIND $batch.ids AS id
MATCH (n:TaxonomyNode {id: id})
WHERE n:KeyConcept OR n:ClassSession OR n:Syllabus
MATCH (n) (()<-[:CONTAINS]-(:ClassSession|Syllabus))* (y:Syllabus)
WITH DISTINCT y ORDER BY y.id
CALL (y) {
  WITH y WHERE y.capacity IS NOT NULL
  SET y.capacity = null
}
CALL (y) {
  MATCH (y)-[r:CROSSED_WITH]-() WHERE r.capacity IS NOT NULL
  SET r.capacity = null
}
