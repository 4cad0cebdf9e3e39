// The instructions that cover a concept, in the order of their ids.
// access: read
// $id string: the concept
// $session string: not used; the cursor has two parts everywhere
// $after string: the cursor's instruction, empty at the start
// $statuses list: only these statuses
// $strategy string or null: only drawn this way: single or pair
// $since string or null: only changed at or after this time (ISO 8601)
// $limit integer: at most so many
// example: {"id": "0190", "session": "", "after": "", "statuses": ["accepted"], "strategy": null, "since": null, "limit": 50}
MATCH (:TaxonomyNode {id: $id})<-[:COVERS|COVERED]-(i:Instruction)
WITH DISTINCT i
WHERE i.id > $after AND i.status IN $statuses
  AND ($strategy IS NULL OR i.strategy = $strategy)
  AND ($since IS NULL OR i.updated_at >= datetime($since))
ORDER BY i.id LIMIT $limit
RETURN i {.*, job_id: COLLECT { MATCH (i)-[:PRODUCED_BY]->(j) RETURN j.id }[0], created_at: toString(i.created_at), updated_at: toString(i.updated_at)} AS instruction, $session AS session
