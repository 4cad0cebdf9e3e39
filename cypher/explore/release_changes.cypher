// Instructions pinned by a release that are no longer accepted, with the reason.
// access: read
// $name string: the release
// $limit integer: maximum number of rows
// example: {"name": "2026-01", "limit": 100}
MATCH (:Release {name: $name})-[:HAS_PART]->()-[:PINS]->(i:Instruction)
WHERE i.status <> 'accepted'
RETURN i.id AS instruction, i.status AS status, i.reason AS reason, toString(i.updated_at) AS since
ORDER BY i.updated_at DESC, i.id LIMIT $limit
