// The children of a node in their order, with the positions that they have.
// access: read
// $id string: the node
// example: {"id": "0190"}
MATCH (:TaxonomyNode {id: $id})-[r:CONTAINS]->(n)
WITH n, r ORDER BY coalesce(r.position, 2147483647), coalesce(r.since, n.id)
RETURN n.id AS id, r.position AS position, n.status AS status
