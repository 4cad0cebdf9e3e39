// One person's current vote on a node in a round.
// access: read
// $key string: digest of round, node and person
// example: {"key": "00"}
MATCH (v:Vote {key: $key})
RETURN v {.*, at: toString(v.at), undone_at: toString(v.undone_at), replaces: COLLECT { MATCH (v)-[:REPLACES]->(o) RETURN o.id }[0]} AS vote
