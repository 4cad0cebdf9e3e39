// Normalised names shared by several nodes of one kind below a node, such as one concept in two disciplines.
// access: read
// $id string: the node
// $kind string: the kind
// $limit integer: maximum number of rows
// cost: 3 s a million nodes
// example: {"id": "0190", "kind": "KeyConcept", "limit": 20}
MATCH (:TaxonomyNode {id: $id})-[:CONTAINS*0..]->(n:TaxonomyNode)
WHERE $kind IN labels(n) AND n.status <> 'retired'
WITH DISTINCT n
WITH n.name_key AS name, count(*) AS nodes, collect(n.id)[..10] AS ids
WHERE nodes > 1
RETURN name, nodes, ids ORDER BY nodes DESC, name LIMIT $limit
