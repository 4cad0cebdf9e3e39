// Nodes that had a normalised name, below some nodes or, where none are given, anywhere.
// access: read
// $name_key string: the normalised name
// $parents list or null: ids of the nodes above
// example: {"name_key": "algebra", "parents": null}
MATCH (o:OldKey {name_key: $name_key})-[:OF]->(n:TaxonomyNode)
WHERE n.status <> 'retired'
  AND ($parents IS NULL OR o.home IN $parents OR EXISTS { MATCH (p)-[:CONTAINS]->(n) WHERE p.id IN $parents })
WITH DISTINCT n
RETURN n.id AS id, n.name AS name, [label IN labels(n) WHERE label <> 'TaxonomyNode'][0] AS kind
ORDER BY id LIMIT 1000
