// Finds nodes by the URIs of the concepts that they are.
// access: schema
CREATE INDEX node_uri IF NOT EXISTS FOR (n:TaxonomyNode) ON (n.uri)
