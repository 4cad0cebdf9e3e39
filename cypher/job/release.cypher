// Ends our hold on a job and returns the state in which it is left: the given one, unless users' requests that came while the run ended say otherwise.
// access: write
// $id string: the job
// $fence integer: our fencing number
// $state string: planned, paused, cancelled, done, exhausted, over_budget or failed
// $reason string or null: why
// $asked boolean: whether it ends at a user's request
// $timings string or null: mean seconds of a call by step in this run, as JSON; null: none was made
MATCH (j:Job {id: $id})
SET j.fence = j.fence + 0
WITH j WHERE j.fence = $fence
WITH j, CASE
  WHEN $asked OR $state = 'planned' THEN coalesce(j.wanted, 'planned')
  WHEN $state <> 'done' AND j.wanted = 'cancelled' THEN 'cancelled'
  ELSE $state
END AS state
SET j.state = state, j.reason = CASE WHEN state = $state THEN $reason END, j.lease_until = null, j.worker = null, j.wanted = null,
    j.live = null, j.timings = coalesce($timings, j.timings), j.ended_at = CASE WHEN state IN ['cancelled', 'done', 'exhausted', 'over_budget', 'failed'] THEN datetime() END
RETURN state
