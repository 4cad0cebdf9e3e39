// A draft is stored once, however often it is sent.
// access: schema
CREATE CONSTRAINT draft_id IF NOT EXISTS FOR (d:Draft) REQUIRE d.id IS UNIQUE
