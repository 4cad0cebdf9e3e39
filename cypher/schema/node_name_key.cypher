// Finds nodes by their normalised name: paths and siblings of one name.
// access: schema
CREATE INDEX node_name_key IF NOT EXISTS FOR (n:TaxonomyNode) ON (n.name_key)
