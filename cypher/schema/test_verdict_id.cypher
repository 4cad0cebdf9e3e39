// What a judge found of two answers is stored once, however often it is sent.
// access: schema
CREATE CONSTRAINT test_verdict_id IF NOT EXISTS FOR (x:TestVerdict) REQUIRE x.id IS UNIQUE
