// Nodes from a node down to its disciplines that have no URI: exports call them by their ids.
// access: read
// $id string: the node
// $limit integer: maximum number of rows
// example: {"id": "0190", "limit": 20}
MATCH (:TaxonomyNode {id: $id}) ((above WHERE NOT above:Discipline)-[:CONTAINS]->())* (n:TaxonomyNode)
WITH DISTINCT n
WHERE n.uri IS NULL AND n.status <> 'retired'
RETURN n.id AS id, [label IN labels(n) WHERE label <> 'TaxonomyNode'][0] AS kind, n.name AS name, n.created_by AS created_by
ORDER BY kind, name, id LIMIT $limit
