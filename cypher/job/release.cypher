// Ends our hold on a job and says in which state it is left.
// access: write
// $id string: the job
// $fence integer: our fencing number
// $state string: planned, paused, cancelled, done, exhausted, over_budget or failed
// $reason string or null: why
// $timings string or null: mean seconds of a call by step in this run, as JSON; null: none was made
MATCH (j:Job {id: $id})
SET j.fence = j.fence + 0
WITH j WHERE j.fence = $fence
SET j.state = $state, j.reason = $reason, j.lease_until = null, j.worker = null, j.wanted = null,
    j.live = null, j.timings = coalesce($timings, j.timings), j.ended_at = CASE WHEN $state IN ['cancelled', 'done', 'exhausted', 'over_budget', 'failed'] THEN datetime() END
RETURN j.id AS id
