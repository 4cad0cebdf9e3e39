// What jobs have proposed below a node, down to disciplines: each with its status, and in how many of the lists of names that were asked for it was.
// access: read
// $id string: the node
// $limit integer: maximum number of rows
// example: {"id": "0190", "limit": 200}
MATCH (:TaxonomyNode {id: $id}) ((above WHERE NOT above:Discipline)-[:CONTAINS]->())+ (n)
WHERE n.support IS NOT NULL
WITH DISTINCT n
MATCH (p)-[:CONTAINS]->(n)
WITH n, p ORDER BY p.id
WITH n, collect(p)[0] AS p
RETURN n.id AS id, [label IN labels(n) WHERE label <> 'TaxonomyNode'][0] AS kind, n.name AS name, n.also_named AS also_named,
       n.status AS status, n.support AS support, n.samples AS samples, n.created_by AS created_by,
       p.id AS under_id, p.name AS under
ORDER BY support DESC, id LIMIT $limit
