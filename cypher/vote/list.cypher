// The votes of a round, in the order in which they came.
// access: read
// $id string: the round's id
// $wanted map: node and who, each null where any will do; history, whether also those that were replaced or undone
// $after string: the cursor, empty at the start
// $limit integer: maximum number of rows
// example: {"id": "0190", "wanted": {"history": false}, "after": "", "limit": 50}
MATCH (v:Vote) WHERE v.round = $id AND v.id > $after
  AND ($wanted.node IS NULL OR v.node = $wanted.node) AND ($wanted.who IS NULL OR v.who = $wanted.who)
  AND ($wanted.history OR v.current)
WITH v ORDER BY v.id LIMIT $limit
RETURN v {.*, at: toString(v.at), undone_at: toString(v.undone_at), replaces: COLLECT { MATCH (v)-[:REPLACES]->(o) RETURN o.id }[0]} AS vote
