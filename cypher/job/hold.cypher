// Locks a job for a write of its worker; no row when another worker holds it now.
// access: write
// $id string: the job
// $fence integer: our fencing number
MATCH (j:Job {id: $id})
SET j.fence = j.fence + 0
WITH j WHERE j.fence = $fence
RETURN j.id AS id
