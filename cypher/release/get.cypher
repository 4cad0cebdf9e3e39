// A release by its name.
// access: read
// $name string: its name
// example: {"name": "2026-01"}
MATCH (r:Release {name: $name})
RETURN r {.*, created_at: toString(r.created_at), ended_at: toString(r.ended_at)} AS release
