// How often several answers to a question agreed, below a node, by the difficulty that was asked for: questions with a short final answer, those on which the first two, or later ones, agreed, those on which none did, and the answers that took.
// access: read
// $id string: the node
// cost: 1.1 s a million instructions
// example: {"id": "0190"}
MATCH (:TaxonomyNode {id: $id})-[:CONTAINS*0..]->(s:ClassSession)<-[:DRAWN_FROM]-(i:Instruction)
WHERE i.samples IS NOT NULL
WITH DISTINCT i
WITH i, [dial IN coalesce(i.dials, []) WHERE dial STARTS WITH 'difficulty=' | substring(dial, 11)][0] AS difficulty,
     i.agreed = i.samples AND i.samples = 2 AS at_once, i.reason = 'no_consensus' AS none
WITH difficulty, count(i) AS questions, sum(CASE WHEN at_once THEN 1 ELSE 0 END) AS at_once,
     sum(CASE WHEN coalesce(none, false) THEN 1 ELSE 0 END) AS without_consensus, sum(i.samples) AS answers
RETURN difficulty, questions, at_once, questions - at_once - without_consensus AS later, without_consensus, answers
ORDER BY difficulty
