// What checks have withdrawn below a node, by check and reason.
// access: read
// $id string: the node
// $limit integer: maximum number of rows
// cost: 1.5 s a million instructions
// example: {"id": "0190", "limit": 20}
MATCH (:TaxonomyNode {id: $id}) ((above WHERE NOT above:ClassSession)-[:CONTAINS]->())* (s:ClassSession)
WITH DISTINCT s
MATCH (s)<-[:DRAWN_FROM]-(i:Instruction {status: 'withdrawn'})
WITH DISTINCT i
WITH i.withdrawn_by AS check, i.reason AS reason, count(*) AS instructions, min(i.withdrawn_at) AS first
OPTIONAL MATCH (c:Check {id: check})
RETURN check, c.kind AS kind, c.rule AS rule, reason, instructions, toString(first) AS first
ORDER BY instructions DESC, check, reason LIMIT $limit
