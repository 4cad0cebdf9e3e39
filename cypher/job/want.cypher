// Requests that a job be paused, cancelled or resumed; if no worker runs it, this happens at once.
// access: write
// $id string: the job
// $from list: states in which this may be asked
// $wanted string or null: paused or cancelled; null to continue
// $state string: the state it changes to
// $spec string or null: another spec, as JSON; not while a worker holds the job
// $change string or null: what is different in it
MATCH (j:Job {id: $id})
SET j.fence = j.fence + 0
WITH j, coalesce(j.lease_until > datetime(), false) AS held
WITH j, held, j.state IN $from AND ($spec IS NULL OR NOT held) AS may
SET j.wanted = CASE WHEN may THEN $wanted ELSE j.wanted END,
    j.state = CASE WHEN may AND NOT held THEN $state ELSE j.state END,
    j.reason = CASE WHEN may AND $wanted IS NULL THEN null ELSE j.reason END,
    j.ended_at = CASE WHEN may AND NOT held AND $state = 'cancelled' THEN datetime() ELSE j.ended_at END,
    j.spec = CASE WHEN may THEN coalesce($spec, j.spec) ELSE j.spec END,
    j.changes = CASE WHEN may AND $change IS NOT NULL THEN coalesce(j.changes, []) + $change ELSE j.changes END
RETURN may
