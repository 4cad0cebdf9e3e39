// What judged, criticised, refined and compared for some jobs, and what it found, as counts.
// access: read
// $ids list: the jobs
// example: {"ids": ["0190"]}
UNWIND $ids AS id
MATCH (:Job {id: id})-[:HAS_JUDGE]->(g:Judge)
RETURN id, g.part AS part, g.model AS model, g.rule AS rule, g.counts AS counts ORDER BY id, g.created_at, g.part
