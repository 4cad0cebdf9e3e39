// All nodes above a node, each once, however many ways lead to it.
// access: read
// $id string: the node's id
// $kind string or null: only this kind
// $statuses list: only these statuses
// $after string: the cursor, empty at the start
// $limit integer: maximum number of rows
// example: {"id": "0190", "kind": null, "statuses": ["accepted"], "after": "", "limit": 50}
MATCH (n)-[:CONTAINS*1..]->(:TaxonomyNode {id: $id})
WITH DISTINCT n
WHERE ($kind IS NULL OR $kind IN labels(n)) AND n.status IN $statuses AND n.id > $after
ORDER BY n.id LIMIT $limit
RETURN n {.*, kind: [label IN labels(n) WHERE label <> 'TaxonomyNode'][0], parents: COLLECT { MATCH (above)-[:CONTAINS]->(n) RETURN above.id ORDER BY above.id }, created_at: toString(n.created_at), updated_at: toString(n.updated_at)} AS node
