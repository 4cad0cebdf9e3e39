// Finds the units of a job that are still to be done.
// access: schema
CREATE INDEX unit_todo IF NOT EXISTS FOR (u:WorkUnit) ON (u.job_id, u.branch_id, u.step, u.state)
