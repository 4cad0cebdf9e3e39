// Locks a round, and returns it as it now is. A property of its own is set: setting one to itself would read it before the lock.
// access: write
// $id string: the round's id
MATCH (r:Round {id: $id})
SET r.held = true
RETURN r {.*, opened_at: toString(r.opened_at), closed_at: toString(r.closed_at), reopened_at: toString(r.reopened_at)} AS round
