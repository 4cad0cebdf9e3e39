// A judge of a job is there once, with its counts.
// access: schema
CREATE CONSTRAINT judge_id IF NOT EXISTS FOR (g:Judge) REQUIRE g.id IS UNIQUE
