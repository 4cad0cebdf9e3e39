// Takes the lease of the oldest job that nobody works on, and increments its fencing number.
// access: write
// $ids list or null: only one of these
// $worker string: the worker that takes it
// $lease_ms integer: how long the lease holds
MATCH (j:Job)
WHERE j.state IN ['planned', 'running'] AND ($ids IS NULL OR j.id IN $ids)
  AND (j.lease_until IS NULL OR j.lease_until < datetime())
WITH j ORDER BY j.id LIMIT 1
SET j.fence = j.fence + 0
WITH j WHERE j.state IN ['planned', 'running'] AND (j.lease_until IS NULL OR j.lease_until < datetime())
SET j.fence = j.fence + 1, j.worker = $worker, j.state = 'running',
    j.lease_until = datetime() + duration({milliseconds: $lease_ms}),
    j.started_at = coalesce(j.started_at, datetime()), j.ended_at = null
RETURN j {.*, created_at: toString(j.created_at), started_at: toString(j.started_at), ended_at: toString(j.ended_at), lease_until: toString(j.lease_until)} AS job, coalesce(j.lease_until > datetime(), false) AS held
