// Records that a resumed job continues with other models, prompts or limits than before, and with which.
// access: write
// $id string: the job
// $fence integer: our fencing number
// $resolved string: the settings it runs with from now on, as JSON
// $changes list: one sentence a change
MATCH (j:Job {id: $id})
SET j.fence = j.fence + 0
WITH j WHERE j.fence = $fence
SET j.resolved = $resolved, j.changes = coalesce(j.changes, []) + $changes
RETURN j.id AS id
