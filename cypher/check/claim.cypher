// Takes the lease of the oldest check that nobody works on, and increments its fencing number.
// access: write
// $ids list or null: only one of these
// $worker string: the worker that takes it
// $lease_ms integer: how long the lease holds
MATCH (c:Check)
WHERE c.id > '' AND c.state IN ['planned', 'running'] AND ($ids IS NULL OR c.id IN $ids)
  AND (c.lease_until IS NULL OR c.lease_until < datetime())
WITH c ORDER BY c.id LIMIT 1
SET c.fence = c.fence + 0
WITH c WHERE c.state IN ['planned', 'running'] AND (c.lease_until IS NULL OR c.lease_until < datetime())
SET c.fence = c.fence + 1, c.worker = $worker, c.state = 'running', c.reason = null,
    c.lease_until = datetime() + duration({milliseconds: $lease_ms}),
    c.started_at = coalesce(c.started_at, datetime()), c.ended_at = null
RETURN c {.*, created_at: toString(c.created_at), started_at: toString(c.started_at), ended_at: toString(c.ended_at), undone_at: toString(c.undone_at), lease_until: toString(c.lease_until)} AS check
