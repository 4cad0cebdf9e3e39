// Nobody has two current votes on one node in one round.
// access: schema
CREATE CONSTRAINT vote_key IF NOT EXISTS FOR (v:Vote) REQUIRE v.key IS UNIQUE
