// Full-text search over names and descriptions.
// access: schema
CREATE FULLTEXT INDEX node_search IF NOT EXISTS FOR (n:TaxonomyNode) ON EACH [n.name, n.description]
