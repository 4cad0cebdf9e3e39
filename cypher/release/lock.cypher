// Locks releases and returns them as they now are.
// access: write
// $ids list: their names
UNWIND $ids AS name
MATCH (r:Release {name: name})
SET r.asked_at = r.asked_at + duration('PT0S')
RETURN r {.*, created_at: toString(r.created_at), ended_at: toString(r.ended_at)} AS release
