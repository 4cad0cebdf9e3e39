// The schema version of this database, null before the first migration.
// access: read
OPTIONAL MATCH (s:Schema {id: 'glan'})
RETURN s.version AS version
