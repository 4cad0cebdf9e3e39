// Asks for a job to be paused, cancelled or gone on with; where nobody works on it, it happens at once.
// access: write
// $id string: the job
// $from list: states in which this may be asked
// $wanted string or null: paused or cancelled; null to go on
// $state string: the state it is to be in
MATCH (j:Job {id: $id})
SET j.fence = j.fence
WITH j, coalesce(j.lease_until > datetime(), false) AS held, j.state IN $from AS may
SET j.wanted = CASE WHEN may THEN $wanted ELSE j.wanted END,
    j.state = CASE WHEN may AND NOT held THEN $state ELSE j.state END,
    j.reason = CASE WHEN may AND $wanted IS NULL THEN null ELSE j.reason END,
    j.ended_at = CASE WHEN may AND NOT held AND $state = 'cancelled' THEN datetime() ELSE j.ended_at END
RETURN may
