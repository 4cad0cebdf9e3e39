// The jobs, newest first.
// access: read
// $states list or null: only in these states
// $spec_key string or null: only with this digest of the spec
// $before string: the cursor, a large string at the start
// $limit integer: maximum number of rows
// example: {"states": null, "spec_key": null, "before": "~", "limit": 50}
MATCH (j:Job) WHERE j.id < $before AND ($states IS NULL OR j.state IN $states)
  AND ($spec_key IS NULL OR j.spec_key = $spec_key)
WITH j ORDER BY j.id DESC LIMIT $limit
RETURN j {.*, created_at: toString(j.created_at), started_at: toString(j.started_at), ended_at: toString(j.ended_at), lease_until: toString(j.lease_until)} AS job, coalesce(j.lease_until > datetime(), false) AS held
