// The checks, newest first.
// access: read
// $wanted map: kinds, states and spec_key, each null where any will do
// $before string: the cursor, a large string at the start
// $limit integer: maximum number of rows
// example: {"wanted": {}, "before": "~", "limit": 50}
MATCH (c:Check) WHERE c.id < $before AND ($wanted.kinds IS NULL OR c.kind IN $wanted.kinds)
  AND ($wanted.states IS NULL OR c.state IN $wanted.states) AND ($wanted.spec_key IS NULL OR c.spec_key = $wanted.spec_key)
WITH c ORDER BY c.id DESC LIMIT $limit
RETURN c {.*, created_at: toString(c.created_at), started_at: toString(c.started_at), ended_at: toString(c.ended_at), undone_at: toString(c.undone_at), lease_until: toString(c.lease_until)} AS check
