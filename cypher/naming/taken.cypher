// The children of a node, whatever their status, in the order in which they came.
// access: read
// $id string: the node
// example: {"id": "0190"}
MATCH (:TaxonomyNode {id: $id})-[:CONTAINS]->(n)
RETURN n.id AS id, n.name AS name, [label IN labels(n) WHERE label <> 'TaxonomyNode'][0] AS kind,
       n.status AS status, n.created_by AS created_by
ORDER BY id
