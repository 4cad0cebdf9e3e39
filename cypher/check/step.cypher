// Locks a check for a write of its worker, says how far it has come and what it has counted; no row when another worker holds it now.
// access: write
// $id string: the check
// $fence integer: our fencing number
// $lease_ms integer: how long the lease holds from now
// $step map: place (a map of properties), and looked_at, found, variants and withdrawn, what is added to these, and writes, 1 where instructions change
MATCH (c:Check {id: $id})
SET c.fence = c.fence + 0
WITH c WHERE c.fence = $fence
SET c += $step.place, c.looked_at = c.looked_at + $step.looked_at, c.found = c.found + $step.found,
    c.variants = c.variants + $step.variants, c.withdrawn = c.withdrawn + $step.withdrawn, c.writes = c.writes + $step.writes,
    c.lease_until = datetime() + duration({milliseconds: $lease_ms})
RETURN c.wanted AS wanted
