// The nodes below a node down to its disciplines, each once.
// access: read
// $id string: the node's id, of one above disciplines
// $kind string or null: only this kind
// $statuses list: only these statuses
// $after string: the cursor, empty at the start
// $limit integer: maximum number of rows
// example: {"id": "0190", "kind": "Discipline", "statuses": ["accepted"], "after": "", "limit": 50}
MATCH (:TaxonomyNode {id: $id}) ((above WHERE NOT above:Discipline)-[:CONTAINS]->())+ (n)
WITH DISTINCT n
WHERE ($kind IS NULL OR $kind IN labels(n)) AND n.status IN $statuses AND n.id > $after
ORDER BY n.id LIMIT $limit
RETURN n {.*, kind: [label IN labels(n) WHERE label <> 'TaxonomyNode'][0], parents: COLLECT { MATCH (above)-[:CONTAINS]->(n) RETURN above.id ORDER BY above.id }, created_at: toString(n.created_at), updated_at: toString(n.updated_at)} AS node
