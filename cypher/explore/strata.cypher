// The number of instructions in each stratum below a node, and the tokens used per instruction.
// access: read
// $id string: the node
// cost: 3.5 s a million instructions
// example: {"id": "0190"}
MATCH (:TaxonomyNode {id: $id}) ((above WHERE NOT above:ClassSession)-[:CONTAINS]->())* (s:ClassSession)
WITH DISTINCT s
MATCH (s)<-[:DRAWN_FROM]-(i:Instruction)
WITH DISTINCT i
RETURN i.strategy AS strategy, size(i.concepts) AS concepts, count(*) AS instructions,
       sum(CASE i.status WHEN 'accepted' THEN 1 ELSE 0 END) AS accepted,
       avg(i.prompt_tokens) AS prompt_tokens, avg(i.completion_tokens) AS completion_tokens
ORDER BY strategy DESC, concepts
