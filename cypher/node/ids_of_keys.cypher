// The ids of the nodes that have some keys.
// access: read
// $keys list: keys
// example: {"keys": ["00"]}
MATCH (n:TaxonomyNode) WHERE n.key IN $keys
RETURN n.key AS key, n.id AS id
