// The nodes of one kind below a node, for a table of coverage.
// access: read
// $id string: the node
// $kind string: the kind
// $limit integer: at most so many
// example: {"id": "0190", "kind": "Discipline", "limit": 1000}
MATCH (:TaxonomyNode {id: $id})-[:CONTAINS*1..]->(n)
WHERE $kind IN labels(n) AND n.status <> 'retired'
RETURN DISTINCT n.id AS id ORDER BY id LIMIT $limit
