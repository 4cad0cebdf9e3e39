// Locks the sessions at or below some nodes, so that no concept comes under one while its discipline changes.
// access: write
// $ids list: nodes from a discipline down
UNWIND $ids AS id
MATCH (:TaxonomyNode {id: id})-[:CONTAINS*0..3]->(s:ClassSession)
WITH DISTINCT s ORDER BY s.id
SET s.version = s.version + 0
