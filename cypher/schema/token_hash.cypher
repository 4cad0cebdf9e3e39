// No two tokens have one hash; a request's token is found by it.
// access: schema
CREATE CONSTRAINT token_hash IF NOT EXISTS FOR (t:Token) REQUIRE t.hash IS UNIQUE
