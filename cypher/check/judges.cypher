// What judged the questions and answers of a check, and what it found, as counts.
// access: read
// $id string: the check
// example: {"id": "0190"}
MATCH (:Check {id: $id})-[:HAS_JUDGE]->(g:Judge)
RETURN g.part AS part, g.model AS model, g.rule AS rule, g.counts AS counts ORDER BY g.created_at, g.part
