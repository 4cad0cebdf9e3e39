// One check.
// access: read
// $id string: the check's id
// example: {"id": "0190"}
MATCH (c:Check {id: $id})
RETURN c {.*, created_at: toString(c.created_at), started_at: toString(c.started_at), ended_at: toString(c.ended_at), undone_at: toString(c.undone_at), lease_until: toString(c.lease_until)} AS check
