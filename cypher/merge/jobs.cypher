// The unfinished jobs that grow from some nodes, or from something above or below them; locked.
// access: write
// $ids list: ids
UNWIND $ids AS id
MATCH (n:TaxonomyNode {id: id})
CALL (n) {
  MATCH (n)<-[:CONTAINS*0..]-(root)
  RETURN root
  UNION
  // Nothing grows from what is below a syllabus.
  MATCH (n) ((above WHERE NOT above:Syllabus)-[:CONTAINS]->())* (root)
  RETURN root
}
WITH DISTINCT root
MATCH (root)<-[:GROWS]-(j:Job) WHERE j.state IN ['planned', 'running', 'paused']
WITH DISTINCT j ORDER BY j.id
SET j.fence = j.fence + 0
RETURN j.id AS id, j.state AS state
