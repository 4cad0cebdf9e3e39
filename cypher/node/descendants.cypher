// All nodes below a node, each once, however many ways lead to it.
// access: read
// $id string: the node's id
// $kind string or null: only this kind
// $statuses list: only these statuses
// $name_key string or null: only with this normalised name
// $after string: the cursor, empty at the start
// $limit integer: at most so many
// example: {"id": "0190", "kind": "Subject", "statuses": ["accepted"], "name_key": null, "after": "", "limit": 50}
MATCH (:TaxonomyNode {id: $id})-[:CONTAINS*1..]->(n)
WITH DISTINCT n
WHERE ($kind IS NULL OR $kind IN labels(n)) AND n.status IN $statuses AND n.id > $after
  AND ($name_key IS NULL OR n.name_key = $name_key)
ORDER BY n.id LIMIT $limit
RETURN n {.*, kind: [label IN labels(n) WHERE label <> 'TaxonomyNode'][0], parents: COLLECT { MATCH (above)-[:CONTAINS]->(n) RETURN above.id ORDER BY above.id }, created_at: toString(n.created_at), updated_at: toString(n.updated_at)} AS node
