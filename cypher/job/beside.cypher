// From when on other jobs may have run beside one, in this run of it or in earlier ones; no row if none did.
// access: read
// $id string: the job
// example: {"id": "0190"}
MATCH (j:Job {id: $id})
CALL (j) {
  MATCH (other:Job)
  WHERE other.id > '' AND other.id <> j.id AND other.started_at IS NOT NULL AND (other.ended_at IS NULL OR other.ended_at >= j.started_at)
  RETURN min(other.started_at) AS since
}
WITH j, since WHERE since IS NOT NULL
RETURN toString(CASE WHEN since > j.started_at THEN since ELSE j.started_at END) AS since
