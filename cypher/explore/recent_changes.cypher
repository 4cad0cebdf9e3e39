// The nodes below a node that were created or changed last.
// access: read
// $id string: the node
// $limit integer: maximum number of rows
// cost: 3 s a million nodes
// example: {"id": "0190", "limit": 20}
MATCH (:TaxonomyNode {id: $id})-[:CONTAINS*0..]->(n:TaxonomyNode)
WITH DISTINCT n ORDER BY n.updated_at DESC, n.id LIMIT $limit
RETURN n.id AS id, [label IN labels(n) WHERE label <> 'TaxonomyNode'][0] AS kind, n.name AS name, n.status AS status,
       n.version AS version, n.created_by AS created_by, toString(n.updated_at) AS updated_at
ORDER BY n.updated_at DESC, n.id
