// Nodes in the order of their ids, filtered.
// access: read
// $kind string or null: only this kind
// $statuses list: only these statuses
// $after string: the cursor, empty at the start
// $limit integer: maximum number of rows
// example: {"kind": "KeyConcept", "statuses": ["accepted"], "after": "", "limit": 50}
MATCH (n:TaxonomyNode)
WHERE n.id > $after AND ($kind IS NULL OR $kind IN labels(n)) AND n.status IN $statuses
WITH n ORDER BY n.id LIMIT $limit
RETURN n {.*, kind: [label IN labels(n) WHERE label <> 'TaxonomyNode'][0], parents: COLLECT { MATCH (above)-[:CONTAINS]->(n) RETURN above.id ORDER BY above.id }, created_at: toString(n.created_at), updated_at: toString(n.updated_at)} AS node
