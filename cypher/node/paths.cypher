// The paths from a root down to a node.
// access: read
// $id string: the node's id
// $limit integer: maximum number of rows
// example: {"id": "0190", "limit": 100}
MATCH path = (root)-[:CONTAINS*0..]->(:TaxonomyNode {id: $id})
WHERE NOT EXISTS { ()-[:CONTAINS]->(root) }
// First the limit: there may be more ways than anybody could sort.
WITH path LIMIT $limit
WITH [n IN nodes(path) | n {.id, .name, kind: [label IN labels(n) WHERE label <> 'TaxonomyNode'][0]}] AS path
RETURN path ORDER BY [n IN path | n.id]
