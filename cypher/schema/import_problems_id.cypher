// No two parts of the problems of imports have one id.
// access: schema
CREATE CONSTRAINT import_problems_id IF NOT EXISTS FOR (p:ImportProblems) REQUIRE p.id IS UNIQUE
