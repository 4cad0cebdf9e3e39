// Finds what was planned for a syllabus.
// access: schema
CREATE INDEX unit_node IF NOT EXISTS FOR (u:WorkUnit) ON (u.node_id)
