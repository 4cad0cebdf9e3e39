// Requests that a check be paused or continued; if no worker runs it, this happens at once.
// access: write
// $id string: the check
// $from list: states in which this may be asked
// $wanted string or null: paused; null to continue
// $state string: the state it changes to
MATCH (c:Check {id: $id})
SET c.fence = c.fence + 0
WITH c, coalesce(c.lease_until > datetime(), false) AS held, c.state IN $from AS may
SET c.wanted = CASE WHEN may THEN $wanted ELSE c.wanted END,
    c.state = CASE WHEN may AND NOT held THEN $state ELSE c.state END,
    c.reason = CASE WHEN may AND $wanted IS NULL THEN null ELSE c.reason END
RETURN may
