// Ends our hold on a check and says in which state it is left.
// access: write
// $id string: the check
// $fence integer: our fencing number
// $state string: planned, paused, done or failed
// $reason string or null: why
MATCH (c:Check {id: $id})
SET c.fence = c.fence + 0
WITH c WHERE c.fence = $fence
SET c.state = $state, c.reason = $reason, c.lease_until = null, c.worker = null, c.wanted = null,
    c.ended_at = CASE WHEN $state IN ['done', 'failed'] THEN datetime() END
RETURN c.id AS id
