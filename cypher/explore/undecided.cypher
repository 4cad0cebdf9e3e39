// Nodes below a node that are proposed and neither accepted nor rejected yet.
// access: read
// $id string: the node
// $limit integer: maximum number of rows
// cost: 2.5 s a million nodes
// example: {"id": "0190", "limit": 20}
MATCH (:TaxonomyNode {id: $id})-[:CONTAINS*0..]->(n:TaxonomyNode) WHERE n.status = 'proposed'
WITH DISTINCT n
RETURN n.id AS id, [label IN labels(n) WHERE label <> 'TaxonomyNode'][0] AS kind, n.name AS name,
       n.created_by AS created_by, toString(n.created_at) AS created_at
ORDER BY n.created_at DESC, n.id LIMIT $limit
