// Finds whether a combination of concepts has an instruction already.
// access: schema
CREATE INDEX instruction_combination IF NOT EXISTS FOR (i:Instruction) ON (i.combination)
