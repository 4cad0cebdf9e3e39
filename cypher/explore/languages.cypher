// The languages of the instructions below a node.
// access: read
// $id string: the node
// $limit integer: maximum number of rows
// cost: 2 s a million instructions
// example: {"id": "0190", "limit": 20}
MATCH (:TaxonomyNode {id: $id}) ((above WHERE NOT above:ClassSession)-[:CONTAINS]->())* (s:ClassSession)
WITH DISTINCT s
MATCH (s)<-[:DRAWN_FROM]-(i:Instruction)
WITH DISTINCT i
RETURN i.language AS language, count(*) AS instructions,
       sum(CASE i.status WHEN 'accepted' THEN 1 ELSE 0 END) AS accepted
ORDER BY instructions DESC, language LIMIT $limit
