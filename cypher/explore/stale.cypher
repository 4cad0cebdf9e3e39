// The stale instructions below a node, with the edit that made each stale.
// access: read
// $id string: the node
// $limit integer: maximum number of rows
// cost: 1.6 s a million instructions
// example: {"id": "0190", "limit": 20}
MATCH (:TaxonomyNode {id: $id}) ((above WHERE NOT above:ClassSession)-[:CONTAINS]->())* (s:ClassSession)
WITH DISTINCT s
MATCH (s)<-[:DRAWN_FROM]-(i:Instruction {status: 'stale'})
WITH DISTINCT i
RETURN i.id AS id, i.reason AS reason, toString(i.updated_at) AS since
ORDER BY i.updated_at DESC, i.id LIMIT $limit
