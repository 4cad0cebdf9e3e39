// The accepted disciplines below a node to which a way of accepted nodes leads, or the node itself.
// access: read
// $id string: the node
// $limit integer: at most so many
// example: {"id": "0190", "limit": 1000}
MATCH (top:TaxonomyNode {id: $id})
MATCH (top) ((above WHERE NOT above:Discipline AND (above = top OR above.status = 'accepted'))-[:CONTAINS]->())* (d:Discipline)
WHERE d = top OR d.status = 'accepted'
// First the limit: there may be more than anybody could sort.
WITH DISTINCT d LIMIT $limit
RETURN d.id AS id ORDER BY id
