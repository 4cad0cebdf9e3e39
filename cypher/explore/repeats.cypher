// The combinations of concepts below a node with most instructions, and the values of the dials of each.
// access: read
// $id string: the node
// $limit integer: maximum number of rows
// cost: 0.7 s a million instructions
// example: {"id": "0190", "limit": 20}
MATCH (:TaxonomyNode {id: $id}) ((above WHERE NOT above:ClassSession)-[:CONTAINS]->())* (s:ClassSession)
WITH DISTINCT s
MATCH (s)<-[:DRAWN_FROM]-(i:Instruction) WHERE i.repeat > 0
WITH DISTINCT i.combination AS combination
MATCH (i:Instruction {combination: combination})
WITH combination, i ORDER BY coalesce(i.repeat, 0), i.id
WITH combination, collect(i) AS made
RETURN combination, size(made) AS instructions,
       COLLECT { UNWIND made[0].concepts AS concept MATCH (k:TaxonomyNode {id: concept}) RETURN k.name ORDER BY k.name } AS concepts,
       [i IN made | i.dials] AS dials
ORDER BY instructions DESC, combination LIMIT $limit
