// No two aliases have one id: a node that was merged is found by its old id.
// access: schema
CREATE CONSTRAINT alias_id IF NOT EXISTS FOR (a:Alias) REQUIRE a.id IS UNIQUE
