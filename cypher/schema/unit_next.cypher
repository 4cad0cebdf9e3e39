// Finds the units of a job that are still to be done, syllabus by syllabus.
// access: schema
CREATE INDEX unit_next IF NOT EXISTS FOR (u:WorkUnit) ON (u.job_id, u.branch_id, u.step, u.state, u.node_id)
