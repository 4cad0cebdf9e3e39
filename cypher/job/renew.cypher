// Renews a lease that is still ours, says what the worker is doing, and returns what the users want of the job.
// access: write
// $id string: the job
// $fence integer: our fencing number
// $lease_ms integer: how long the lease holds from now
// $live string: calls in flight, rates and the like, as JSON
MATCH (j:Job {id: $id})
SET j.fence = j.fence + 0
WITH j WHERE j.fence = $fence
SET j.lease_until = datetime() + duration({milliseconds: $lease_ms}), j.live = $live
RETURN j.wanted AS wanted
