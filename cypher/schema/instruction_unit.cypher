// Finds what a work unit has produced.
// access: schema
CREATE INDEX instruction_unit IF NOT EXISTS FOR (i:Instruction) ON (i.unit_id)
