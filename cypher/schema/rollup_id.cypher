// One node holds what is counted of a discipline.
// access: schema
CREATE CONSTRAINT rollup_id IF NOT EXISTS FOR (r:Rollup) REQUIRE r.id IS UNIQUE
