// Finds what a job could not make, with the reason; what was accepted has none and is not in it.
// access: schema
CREATE INDEX instruction_reason IF NOT EXISTS FOR (i:Instruction) ON (i.job_id, i.reason)
