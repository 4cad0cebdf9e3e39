// A search for duplicates, and whether its service still runs it.
// access: read
// $id string: the search's id
// $alive_s integer: seconds after which a search that was not seen has stopped
// example: {"id": "0190", "alive_s": 60}
MATCH (s:DuplicateSearch {id: $id})
RETURN s {.*, started_at: toString(s.started_at), ended_at: toString(s.ended_at), seen_at: null} AS search,
       s.seen_at > datetime() - duration({seconds: $alive_s}) AS alive
