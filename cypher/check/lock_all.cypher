// Locks checks, and returns them as they now are.
// access: write
// $ids list: ids
UNWIND $ids AS id
MATCH (c:Check {id: id})
SET c.held = true
RETURN c {.*, created_at: toString(c.created_at), started_at: toString(c.started_at), ended_at: toString(c.ended_at), undone_at: toString(c.undone_at), lease_until: toString(c.lease_until)} AS check
