// Children that have one name under one parent, which is one too many; concepts aside.
// access: read
// $ids list: the parents
// example: {"ids": ["0190"]}
UNWIND $ids AS id
MATCH (:TaxonomyNode {id: id})-[:CONTAINS]->(c) WHERE NOT c:KeyConcept
WITH id, [label IN labels(c) WHERE label <> 'TaxonomyNode'][0] AS kind, c.name_key AS name_key, collect(c {.id, .home}) AS nodes
WHERE size(nodes) > 1
RETURN nodes
