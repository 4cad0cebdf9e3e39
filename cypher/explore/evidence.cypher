// What checks found about instructions below a node, by relationship and rule, with how many of these are kept, withdrawn, rejected or waived.
// access: read
// $id string: the node
// $limit integer: maximum number of rows
// cost: 1.1 s a million instructions
// example: {"id": "0190", "limit": 20}
MATCH (:TaxonomyNode {id: $id}) ((above WHERE NOT above:ClassSession)-[:CONTAINS]->())* (s:ClassSession)
WITH DISTINCT s
MATCH (s)<-[:DRAWN_FROM]-(i:Instruction)
WITH DISTINCT i
MATCH (i)-[r:NEAR_DUPLICATE_OF|VARIANT_OF|MATCHES]->()
WITH type(r) AS found, r.rule AS rule, collect(DISTINCT i) AS instructions
RETURN found, rule, size(instructions) AS instructions,
  size([i IN instructions WHERE i.status = 'accepted']) AS accepted, size([i IN instructions WHERE i.status = 'withdrawn']) AS withdrawn,
  size([i IN instructions WHERE i.status = 'rejected']) AS rejected, size([i IN instructions WHERE i.waived_by IS NOT NULL]) AS waived
ORDER BY instructions DESC, found, rule LIMIT $limit
