// One round.
// access: read
// $id string: the round's id
// example: {"id": "0190"}
MATCH (r:Round {id: $id})
RETURN r {.*, opened_at: toString(r.opened_at), closed_at: toString(r.closed_at), reopened_at: toString(r.reopened_at)} AS round
