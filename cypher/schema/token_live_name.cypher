// No two tokens that are not revoked have one name.
// access: schema
CREATE CONSTRAINT token_live_name IF NOT EXISTS FOR (t:Token) REQUIRE t.live_name IS UNIQUE
