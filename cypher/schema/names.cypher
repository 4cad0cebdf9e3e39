// Nodes with all that is derived from their names and descriptions, in the order of their ids.
// access: read
// $after string: the id of the node before, empty at the start
// $limit integer: at most this many
// example: {"after": "", "limit": 50}
MATCH (n:TaxonomyNode) WHERE n.id > $after
WITH n ORDER BY n.id LIMIT $limit
RETURN n.id AS id, [label IN labels(n) WHERE label <> 'TaxonomyNode'][0] AS kind, n.name AS name,
       n.name_key AS name_key, n.home AS home, n.description AS description
ORDER BY id
