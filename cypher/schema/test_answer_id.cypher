// An answer to a test question is stored once, however often it is sent.
// access: schema
CREATE CONSTRAINT test_answer_id IF NOT EXISTS FOR (x:TestAnswer) REQUIRE x.id IS UNIQUE
