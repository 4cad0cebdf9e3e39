// No two requests are remembered under one id.
// access: schema
CREATE CONSTRAINT request_id IF NOT EXISTS FOR (r:Request) REQUIRE r.id IS UNIQUE
