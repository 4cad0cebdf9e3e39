// Takes the lock under which links that could close a cycle are made, one at a time.
// access: write
MERGE (s:Schema {id: 'glan'})
SET s.locked_at = datetime()
