// No two old keys are the same: each stands for one node.
// access: schema
CREATE CONSTRAINT old_key IF NOT EXISTS FOR (o:OldKey) REQUIRE o.key IS UNIQUE
