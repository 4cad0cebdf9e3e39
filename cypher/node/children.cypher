// The nodes directly below a node, in order of position, then in the order in which they came.
// access: read
// $id string: the node's id
// $kind string or null: only this kind
// $statuses list: only these statuses
// $position integer: the cursor's position, -1 at the start
// $after string: the cursor's place among those of one position, empty at the start
// $limit integer: maximum number of rows
// example: {"id": "0190", "kind": null, "statuses": ["accepted"], "position": -1, "after": "", "limit": 50}
MATCH (parent:TaxonomyNode {id: $id})-[r:CONTAINS]->(n)
WITH n, coalesce(r.position, 2147483647) AS position, coalesce(r.since, n.id) AS since
WHERE ($kind IS NULL OR $kind IN labels(n)) AND n.status IN $statuses
  AND (position > $position OR (position = $position AND since > $after))
ORDER BY position, since LIMIT $limit
RETURN n {.*, kind: [label IN labels(n) WHERE label <> 'TaxonomyNode'][0], parents: COLLECT { MATCH (above)-[:CONTAINS]->(n) RETURN above.id ORDER BY above.id }, created_at: toString(n.created_at), updated_at: toString(n.updated_at)} AS node, position, since
