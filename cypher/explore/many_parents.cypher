// Nodes below a node that have several parents, with these parents.
// access: read
// $id string: the node
// $limit integer: maximum number of rows
// cost: 4 s a million nodes
// example: {"id": "0190", "limit": 20}
MATCH (:TaxonomyNode {id: $id})-[:CONTAINS*1..]->(n:TaxonomyNode)
WITH DISTINCT n, COUNT { ()-[:CONTAINS]->(n) } AS parents
WHERE parents > 1
WITH n, parents ORDER BY parents DESC, n.id LIMIT $limit
RETURN n.id AS id, [label IN labels(n) WHERE label <> 'TaxonomyNode'][0] AS kind, n.name AS name, parents,
  COLLECT { MATCH (above)-[:CONTAINS]->(n) RETURN above.name ORDER BY above.name LIMIT 10 } AS under
ORDER BY parents DESC, id
