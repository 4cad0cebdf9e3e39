// No two rounds over one node have one name.
// access: schema
CREATE CONSTRAINT round_key IF NOT EXISTS FOR (r:Round) REQUIRE r.key IS UNIQUE
