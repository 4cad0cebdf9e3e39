// Nodes by their normalised name, below some nodes or, where none are given, anywhere.
// access: read
// $name_key string: the normalised name
// $parents list or null: ids of the nodes above
// example: {"name_key": "algebra", "parents": null}
MATCH (n:TaxonomyNode {name_key: $name_key})
WHERE n.status <> 'retired' AND ($parents IS NULL OR EXISTS { MATCH (p)-[:CONTAINS]->(n) WHERE p.id IN $parents })
RETURN n.id AS id, n.name AS name, [label IN labels(n) WHERE label <> 'TaxonomyNode'][0] AS kind
ORDER BY id LIMIT 100000
