// Accepted disciplines below some nodes, those nodes among them, but for one discipline; the first by their ids.
// access: read
// $ids list: ids of the nodes
// $but string: the discipline that is left out, empty for none
// $limit integer: maximum number of rows
// example: {"ids": ["0190"], "but": "", "limit": 500}
UNWIND $ids AS id
MATCH (top:TaxonomyNode {id: id})
MATCH (top) ((above WHERE NOT above:Discipline AND above.status = 'accepted')-[:CONTAINS]->())* (d:Discipline {status: 'accepted'})
WHERE d.id <> $but
RETURN DISTINCT d.id AS id ORDER BY id LIMIT $limit
