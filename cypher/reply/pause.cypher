// Leaves a job paused, whatever it had ended as, unless it waits for a worker or was cancelled.
// access: write
// $id string: the job
// $reason string: what it waits for
MATCH (j:Job {id: $id}) WHERE j.state IN ['paused', 'done', 'failed', 'exhausted', 'over_budget']
SET j.state = 'paused', j.reason = $reason, j.ended_at = null
