// Kind and name of the nodes with these ids, those that exist.
// access: read
// $ids list: ids
// example: {"ids": ["0190"]}
MATCH (n:TaxonomyNode) WHERE n.id IN $ids
RETURN n.id AS id, n.name AS name, [label IN labels(n) WHERE label <> 'TaxonomyNode'][0] AS kind
