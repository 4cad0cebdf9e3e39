// Adds to what a job is asked to make.
// access: write
// $id string: the job
// $more integer: so many instructions more
MATCH (j:Job {id: $id})
SET j.requested = j.requested + $more
