// No two taxonomy nodes have one id.
// access: schema
CREATE CONSTRAINT node_id IF NOT EXISTS FOR (n:TaxonomyNode) REQUIRE n.id IS UNIQUE
