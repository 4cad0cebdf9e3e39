// The rules by which instructions are checked, in the order of their ids.
// access: read
// $after string: the id after which to begin, empty at the start
// $limit integer: maximum number of rows
// example: {"after": "", "limit": 50}
MATCH (r:Rule) WHERE r.id > $after
WITH r ORDER BY r.id LIMIT $limit
RETURN r {.id, .settings, .calibration, created_at: toString(r.created_at)} AS rule
