// No two releases have one name.
// access: schema
CREATE CONSTRAINT release_name IF NOT EXISTS FOR (r:Release) REQUIRE r.name IS UNIQUE
