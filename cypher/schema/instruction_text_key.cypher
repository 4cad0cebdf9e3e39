// No two kept instructions have the same question, as generators/quality makes the key of a text.
// access: schema
CREATE CONSTRAINT instruction_text_key IF NOT EXISTS FOR (i:Instruction) REQUIRE i.text_key IS UNIQUE
