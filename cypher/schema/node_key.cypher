// No two taxonomy nodes have one key: inserting is idempotent and races are harmless.
// access: schema
CREATE CONSTRAINT node_key IF NOT EXISTS FOR (n:TaxonomyNode) REQUIRE n.key IS UNIQUE
