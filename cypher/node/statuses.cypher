// The status and kind of some nodes.
// access: read
// $ids list: ids
// example: {"ids": ["0190"]}
MATCH (n:TaxonomyNode) WHERE n.id IN $ids
RETURN n.id AS id, n.status AS status, [label IN labels(n) WHERE label <> 'TaxonomyNode'][0] AS kind
