// Ends our hold on a check and returns the state in which it is left: the given one, unless users' requests that came while it ended say otherwise.
// access: write
// $id string: the check
// $fence integer: our fencing number
// $state string: planned, paused, done or failed
// $reason string or null: why
// $asked boolean: whether it ends at a user's request
MATCH (c:Check {id: $id})
SET c.fence = c.fence + 0
WITH c WHERE c.fence = $fence
WITH c, CASE WHEN $asked OR $state = 'planned' THEN coalesce(c.wanted, 'planned') ELSE $state END AS state
SET c.state = state, c.reason = CASE WHEN state = $state THEN $reason END, c.lease_until = null, c.worker = null, c.wanted = null,
    c.ended_at = CASE WHEN state IN ['done', 'failed'] THEN datetime() END
RETURN state
