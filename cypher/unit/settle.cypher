// Gives draw units their shares; one that has its share already keeps it.
// access: write
// $rows list: maps of id and share
UNWIND $rows AS row
MATCH (u:WorkUnit {id: row.id}) WHERE u.left IS NULL
SET u.requested = row.share, u.left = row.share, u.updated_at = datetime()
