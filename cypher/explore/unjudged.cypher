// Accepted instructions below a node on which no verdict of a judge decided, by syllabus.
// access: read
// $id string: the node
// $limit integer: maximum number of rows
// cost: 2.8 s a million instructions
// example: {"id": "0190", "limit": 20}
MATCH (:TaxonomyNode {id: $id}) ((above WHERE NOT above:ClassSession)-[:CONTAINS]->())* (s:ClassSession)
WITH DISTINCT s
MATCH (s)<-[:DRAWN_FROM]-(i:Instruction {status: 'accepted'})
WITH DISTINCT i WHERE NOT EXISTS { (i)-[:HAS_VERDICT]->(v:Verdict) WHERE v.applied }
WITH i.syllabus_id AS id, count(*) AS instructions
OPTIONAL MATCH (y:TaxonomyNode {id: id})
RETURN id, y.name AS syllabus, instructions
ORDER BY instructions DESC, id LIMIT $limit
