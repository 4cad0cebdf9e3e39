// Records that the schema is at a version; of several concurrent migrations the furthest counts.
// access: write
// $version integer: the version reached
MERGE (s:Schema {id: 'glan'})
SET s.version = CASE WHEN s.version > $version THEN s.version ELSE $version END, s.updated_at = datetime()
