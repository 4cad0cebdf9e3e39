// A verdict is stored once, however often it is sent.
// access: schema
CREATE CONSTRAINT verdict_id IF NOT EXISTS FOR (v:Verdict) REQUIRE v.id IS UNIQUE
