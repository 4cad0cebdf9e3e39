// Every node of a subtree with its parents, and those of them that are not retired.
// access: read
// $id string: the root of the subtree
// example: {"id": "0190"}
MATCH (root:TaxonomyNode {id: $id})-[:CONTAINS*0..]->(n)
WITH DISTINCT n
RETURN n.id AS id, n.name AS name, [label IN labels(n) WHERE label <> 'TaxonomyNode'][0] AS kind,
       COLLECT { MATCH (p)-[:CONTAINS]->(n) RETURN p.id } AS parents,
       COLLECT { MATCH (p)-[:CONTAINS]->(n) WHERE p.status <> 'retired' RETURN p.id } AS living
