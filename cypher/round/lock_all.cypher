// Locks rounds, and returns them as they now are.
// access: write
// $ids list: ids
UNWIND $ids AS id
MATCH (r:Round {id: id})
SET r.held = true
RETURN r {.*, opened_at: toString(r.opened_at), closed_at: toString(r.closed_at), reopened_at: toString(r.reopened_at)} AS round
