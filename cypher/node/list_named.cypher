// The nodes of one normalised name, anywhere or below a node, in the order of their ids.
// access: read
// $id string or null: the node above
// $name_key string: the normalised name
// $kind string or null: only this kind
// $statuses list: only these statuses
// $after string: the cursor, empty at the start
// $limit integer: maximum number of rows
// example: {"id": "0190", "name_key": "algebra", "kind": null, "statuses": ["accepted"], "after": "", "limit": 50}
MATCH (n:TaxonomyNode {name_key: $name_key})
WHERE n.id > $after AND ($kind IS NULL OR $kind IN labels(n)) AND n.status IN $statuses
WITH n ORDER BY n.id
WHERE $id IS NULL OR EXISTS { MATCH (n)<-[:CONTAINS*1..]-(top:TaxonomyNode) WHERE top.id = $id }
WITH n LIMIT $limit
RETURN n {.*, kind: [label IN labels(n) WHERE label <> 'TaxonomyNode'][0], parents: COLLECT { MATCH (above)-[:CONTAINS]->(n) RETURN above.id ORDER BY above.id }, created_at: toString(n.created_at), updated_at: toString(n.updated_at)} AS node
ORDER BY n.id
