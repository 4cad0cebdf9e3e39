// The links down from some nodes, each with the node it leads to.
// access: read
// $front map: ids, of the nodes above; statuses, of the nodes below
// $limit integer: maximum number of rows
// example: {"front": {"ids": ["0190"], "statuses": ["accepted"]}, "limit": 1000}
UNWIND $front.ids AS source
MATCH (:TaxonomyNode {id: source})-[link:CONTAINS]->(n)
WHERE n.status IN $front.statuses
WITH source, link, n.id AS target, [label IN labels(n) WHERE label <> 'TaxonomyNode'][0] AS kind
// A node that was removed since it was found has no properties.
WHERE target IS NOT NULL AND kind IS NOT NULL
WITH source, link, target, kind LIMIT $limit
// In one row: to read many takes the client longer than all of this the server.
RETURN collect({source: source, target: target, kind: kind, position: link.position}) AS found
