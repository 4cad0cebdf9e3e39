// Every node of a subtree with those of its parents that are not retired.
// access: read
// $id string: the root of the subtree
// example: {"id": "0190"}
MATCH (root:TaxonomyNode {id: $id})-[:CONTAINS*0..]->(n)
WITH DISTINCT n
RETURN n.id AS id, n.status AS status,
       COLLECT { MATCH (p)-[:CONTAINS]->(n) WHERE p.status <> 'retired' RETURN p.id } AS parents
