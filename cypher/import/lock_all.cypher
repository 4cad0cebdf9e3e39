// Locks imports, and returns them as they now are.
// access: write
// $ids list: ids
UNWIND $ids AS id
MATCH (i:Import {id: id})
SET i.held = true
RETURN i {.*, at: toString(i.at), ended_at: toString(i.ended_at), seen_at: null} AS import
