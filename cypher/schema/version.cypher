// The schema of this database, null before the first migration, and the kinds of nodes that it has indexes for.
// access: read
OPTIONAL MATCH (s:Schema {id: 'glan'})
RETURN s.version AS version, s.kinds AS kinds
