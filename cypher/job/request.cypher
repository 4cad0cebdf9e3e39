// Adds to what a job is asked to make.
// access: write
// $id string: the job
// $more integer: number of instructions to add
MATCH (j:Job {id: $id})
SET j.requested = j.requested + $more
