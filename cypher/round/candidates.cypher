// Ids of the nodes below a node that a round over it would vote on: down to its disciplines, or all below a discipline and what stands under one.
// access: read
// $id string: the node's id
// $all boolean: whatever their status is, unless they are retired; otherwise only those that are proposed
// $limit integer: maximum number of rows
// example: {"id": "0190", "all": false, "limit": 50}
MATCH (:TaxonomyNode {id: $id}) ((above WHERE NOT above:Discipline OR above.id = $id)-[:CONTAINS]->())+ (n)
WITH DISTINCT n
WHERE n.status = 'proposed' OR ($all AND n.status <> 'retired')
RETURN n.id AS id ORDER BY id LIMIT $limit
