// The number of instructions made below a node on each day (UTC), latest first.
// access: read
// $id string: the node
// $limit integer: maximum number of rows
// cost: 3 s a million instructions
// example: {"id": "0190", "limit": 20}
MATCH (:TaxonomyNode {id: $id}) ((above WHERE NOT above:ClassSession)-[:CONTAINS]->())* (s:ClassSession)
WITH DISTINCT s
MATCH (s)<-[:DRAWN_FROM]-(i:Instruction)
WITH DISTINCT i
RETURN toString(date(i.created_at)) AS day, count(*) AS instructions,
       sum(CASE i.status WHEN 'accepted' THEN 1 ELSE 0 END) AS accepted, sum(i.cost_usd) AS usd
ORDER BY day DESC LIMIT $limit
