// Records the kinds of nodes that the schema has indexes for.
// access: write
// $kinds list: labels, sorted
MERGE (s:Schema {id: 'glan'})
SET s.kinds = $kinds
