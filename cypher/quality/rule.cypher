// One rule by which instructions are checked.
// access: read
// $id string: the rule's id, such as near-duplicates@3
// example: {"id": "near-duplicates@3"}
MATCH (r:Rule {id: $id})
RETURN r {.id, .settings, .calibration, created_at: toString(r.created_at)} AS rule
