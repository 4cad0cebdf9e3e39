// The edits that made instructions below a node stale, with their number.
// access: read
// $id string: the node
// $limit integer: maximum number of rows
// cost: 1.5 s a million instructions
// example: {"id": "0190", "limit": 20}
MATCH (:TaxonomyNode {id: $id}) ((above WHERE NOT above:ClassSession)-[:CONTAINS]->())* (s:ClassSession)
WITH DISTINCT s
MATCH (s)<-[:DRAWN_FROM]-(i:Instruction {status: 'stale'})
WITH DISTINCT i
RETURN i.reason AS reason, count(*) AS instructions, toString(min(i.updated_at)) AS first, toString(max(i.updated_at)) AS last
ORDER BY instructions DESC, reason LIMIT $limit
