// Finds nodes by the codes of the concepts that they are, within a taxonomy.
// access: schema
CREATE INDEX node_notation IF NOT EXISTS FOR (n:TaxonomyNode) ON (n.notation_key)
