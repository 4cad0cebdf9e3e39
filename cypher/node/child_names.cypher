// The names of the nodes of one kind directly below a node.
// access: read
// $id string: the node
// $kind string: the kind
// example: {"id": "0190", "kind": "Subject"}
MATCH (:TaxonomyNode {id: $id})-[:CONTAINS]->(n)
WHERE $kind IN labels(n) AND n.status <> 'retired'
RETURN n.name AS name ORDER BY n.id
