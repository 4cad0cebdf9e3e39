// No two instructions have one id.
// access: schema
CREATE CONSTRAINT instruction_id IF NOT EXISTS FOR (i:Instruction) REQUIRE i.id IS UNIQUE
