// Records that the schema is at a version.
// access: write
// $version integer: the version reached
MERGE (s:Schema {id: 'glan'})
SET s.version = $version, s.updated_at = datetime()
