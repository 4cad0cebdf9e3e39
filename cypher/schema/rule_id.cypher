// A rule by which instructions were checked is there once.
// access: schema
CREATE CONSTRAINT rule_id IF NOT EXISTS FOR (r:Rule) REQUIRE r.id IS UNIQUE
