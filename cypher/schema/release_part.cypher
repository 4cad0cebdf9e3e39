// No two parts of releases have one id.
// access: schema
CREATE CONSTRAINT release_part IF NOT EXISTS FOR (p:ReleasePart) REQUIRE p.id IS UNIQUE
