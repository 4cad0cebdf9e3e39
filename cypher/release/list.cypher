// The releases in the order of their names.
// access: read
// $after string: the cursor, empty at the start
// $limit integer: maximum number of rows
// example: {"after": "", "limit": 100}
MATCH (r:Release) WHERE r.name > $after
WITH r ORDER BY r.name LIMIT $limit
RETURN r {.*, created_at: toString(r.created_at), ended_at: toString(r.ended_at)} AS release
ORDER BY r.name
