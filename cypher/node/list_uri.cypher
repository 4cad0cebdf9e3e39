// The nodes that are the concept with a URI, in the order of their ids.
// access: read
// $uri string: the URI
// $notation string or null: a code that they have
// $name_key string or null: only with this normalised name
// $kind string or null: only this kind
// $statuses list: only these statuses
// $under string or null: only below this node
// $after string: the cursor, empty at the start
// $limit integer: at most this many
// example: {"uri": "urn:x:algebra", "notation": null, "name_key": null, "kind": null, "statuses": ["accepted"], "under": null, "after": "", "limit": 50}
MATCH (n:TaxonomyNode {uri: $uri})
WHERE n.id > $after AND ($notation IS NULL OR $notation IN n.notation) AND ($name_key IS NULL OR n.name_key = $name_key)
  AND ($kind IS NULL OR $kind IN labels(n)) AND n.status IN $statuses
WITH n ORDER BY n.id
WHERE $under IS NULL OR EXISTS { MATCH (n)<-[:CONTAINS*1..]-(top:TaxonomyNode) WHERE top.id = $under }
WITH n LIMIT $limit
RETURN n {.*, kind: [label IN labels(n) WHERE label <> 'TaxonomyNode'][0], parents: COLLECT { MATCH (above)-[:CONTAINS]->(n) RETURN above.id ORDER BY above.id }, created_at: toString(n.created_at), updated_at: toString(n.updated_at)} AS node
ORDER BY n.id
