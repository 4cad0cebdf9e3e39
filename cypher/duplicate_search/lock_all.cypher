// Locks searches for duplicates, and returns them as they now are.
// access: write
// $ids list: ids
UNWIND $ids AS id
MATCH (s:DuplicateSearch {id: id})
SET s.held = true
RETURN s {.*, started_at: toString(s.started_at), ended_at: toString(s.ended_at), seen_at: null} AS search
