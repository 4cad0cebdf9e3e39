// The instructions below a node by the values of their dials, and how many of each value were accepted.
// access: read
// $id string: the node
// $limit integer: maximum number of rows
// cost: 0.6 s a million instructions
// example: {"id": "0190", "limit": 50}
MATCH (:TaxonomyNode {id: $id}) ((above WHERE NOT above:ClassSession)-[:CONTAINS]->())* (s:ClassSession)
WITH DISTINCT s
MATCH (s)<-[:DRAWN_FROM]-(i:Instruction) WHERE i.dials IS NOT NULL
WITH DISTINCT i
UNWIND i.dials AS label
WITH split(label, '=')[0] AS dial, substring(label, size(split(label, '=')[0]) + 1) AS value, i.status AS status
RETURN dial, value, count(*) AS instructions,
       sum(CASE status WHEN 'accepted' THEN 1 ELSE 0 END) AS accepted,
       sum(CASE WHEN status IN ['failed', 'rejected'] THEN 1 ELSE 0 END) AS without_use
ORDER BY dial, instructions DESC, value LIMIT $limit
