// No two nodes of a taxonomy are one concept of a vocabulary.
// access: schema
CREATE CONSTRAINT source_key IF NOT EXISTS FOR (n:TaxonomyNode) REQUIRE n.source_key IS UNIQUE
