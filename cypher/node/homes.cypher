// The kind of each node and, within each kind above it, the ids of its ancestors: where a new child's name must be unique.
// access: read
// $ids list: ids
// $kind string: the kind of ancestor asked for
// example: {"ids": ["0190"], "kind": "Discipline"}
UNWIND $ids AS id
MATCH (n:TaxonomyNode {id: id})
RETURN n.id AS id, n.status AS status,
       [label IN labels(n) WHERE label <> 'TaxonomyNode'][0] AS kind,
       COLLECT { MATCH (a)-[:CONTAINS*1..]->(n) WHERE $kind IN labels(a) RETURN DISTINCT a.id ORDER BY a.id } AS homes
