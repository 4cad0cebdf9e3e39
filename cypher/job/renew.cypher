// Renews a lease that is still ours and returns what the users want of the job.
// access: write
// $id string: the job
// $fence integer: our fencing number
// $lease_ms integer: how long the lease holds from now
MATCH (j:Job {id: $id})
SET j.fence = j.fence
WITH j WHERE j.fence = $fence
SET j.lease_until = datetime() + duration({milliseconds: $lease_ms})
RETURN j.wanted AS wanted
