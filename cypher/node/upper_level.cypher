// One level down from some nodes above the subjects: each link with the node below it.
// access: read
// $batch map: ids of the nodes above
// example: {"batch": {"ids": ["0190"]}}
UNWIND $batch.ids AS id
MATCH (p:TaxonomyNode {id: id})-[:CONTAINS]->(n)
WHERE NOT p:Discipline
RETURN p.id AS parent_id, n.id AS id, n.status AS status,
       [label IN labels(n) WHERE label <> 'TaxonomyNode'][0] AS kind
