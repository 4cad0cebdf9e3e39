// Says that an import is still under way.
// access: write
// $id string: the import's id
MATCH (i:Import {id: $id}) WHERE i.state = 'running'
SET i.seen_at = datetime()
