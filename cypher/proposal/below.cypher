// The first of the nodes that stand under a node and are neither retired nor rejected, in the order of their names.
// access: read
// $id string: the node's id
// example: {"id": "0190"}
MATCH (:TaxonomyNode {id: $id})-[:CONTAINS]->(n)
WHERE NOT n.status IN ['retired', 'rejected']
RETURN n.name AS name ORDER BY name LIMIT 1
