// The links down from some nodes, in their order, each with the id and the kind of the node that it leads to.
// access: read
// $front map: ids, of the nodes above; after, of the first of them only children with a greater id
// $wanted map: kinds and statuses, of the nodes below
// $limit integer: maximum number of rows
// example: {"front": {"ids": ["0190"], "after": ""}, "wanted": {"kinds": ["Field"], "statuses": ["accepted"]}, "limit": 1000}
UNWIND range(0, size($front.ids) - 1) AS at
MATCH (p:TaxonomyNode {id: $front.ids[at]})-[link:CONTAINS]->(n)
WHERE n.status IN $wanted.statuses AND any(label IN labels(n) WHERE label IN $wanted.kinds)
  AND (at > 0 OR n.id > $front.after)
WITH at, link, n.id AS id, [label IN labels(n) WHERE label <> 'TaxonomyNode'][0] AS kind
// A node that was removed since it was found has no properties.
WHERE id IS NOT NULL AND kind IS NOT NULL
WITH at, link, id, kind ORDER BY at, id LIMIT $limit
// In one row: to read many takes the client longer than all of this the server.
RETURN collect([at, id, kind, link.position]) AS links
