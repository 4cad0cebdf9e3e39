// Locks a job until the transaction ends, whoever holds it, and says whether a worker does.
// access: write
// $id string: the job
MATCH (j:Job {id: $id})
SET j.fence = j.fence + 0
RETURN j.spec AS spec, coalesce(j.lease_until > datetime(), false) AS held
