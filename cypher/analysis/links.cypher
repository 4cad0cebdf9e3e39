// The links down from some nodes, each with the node it leads to.
// access: read
// $front map: ids, of the nodes above; statuses, of the nodes below
// $limit integer: maximum number of rows
// example: {"front": {"ids": ["0190"], "statuses": ["accepted"]}, "limit": 1000}
UNWIND $front.ids AS source
MATCH (:TaxonomyNode {id: source})-[link:CONTAINS]->(n)
WHERE n.status IN $front.statuses
WITH source, link, n LIMIT $limit
// In one row: to read many takes the client longer than all of this the server.
RETURN collect({
  source: source, target: n.id, kind: [label IN labels(n) WHERE label <> 'TaxonomyNode'][0], position: link.position
}) AS found
