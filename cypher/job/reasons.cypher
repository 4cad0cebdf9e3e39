// Why instructions and units of some jobs were rejected or failed, each reason with its count and one example.
// access: read
// $ids list: the jobs
// example: {"ids": ["0190"]}
UNWIND $ids AS id
CALL (id) {
  MATCH (i:Instruction) WHERE i.job_id = id AND i.reason IS NOT NULL AND i.status IN ['failed', 'rejected']
  WITH i.reason AS reason, i.status AS status, count(*) AS count, min(i.id) AS example
  MATCH (i:Instruction {id: example})
  RETURN reason, status, count, example, coalesce(i.detail, i.raw) AS text
  UNION ALL
  MATCH (:Job {id: id})-[:HAS_UNIT]->(u:WorkUnit {state: 'failed'})
  WITH u.reason AS reason, count(*) AS count, min(u.id) AS example
  MATCH (u:WorkUnit {id: example})
  RETURN reason, 'unit' AS status, count, example, coalesce(u.detail, u.raw) AS text
}
RETURN id, reason, status, count, example, left(text, 300) AS text ORDER BY id, count DESC, reason
