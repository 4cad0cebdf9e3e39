// Takes a release into a builder's hands where it is new, or where whoever built it has been silent for too long; returns it as it stands then.
// access: write
// $name string: its name
// $builder string: the new builder
// $lease_s float: seconds after which a silent builder counts as dead
// $properties map: what is stored of a new one
MERGE (r:Release {name: $name})
  ON CREATE SET r += $properties, r.state = 'building', r.count = 0, r.created_at = datetime(), r.lease_until = datetime()
// For the lock: a request at the same moment waits here.
SET r.asked_at = datetime()
WITH r, r.state = 'building' AND r.spec = $properties.spec AND r.lease_until <= datetime() AS free
SET r.builder = CASE WHEN free THEN $builder ELSE r.builder END,
    r.lease_until = CASE WHEN free THEN datetime() + duration({milliseconds: toInteger(1000 * $lease_s)}) ELSE r.lease_until END
RETURN r {.*, created_at: toString(r.created_at), ended_at: toString(r.ended_at)} AS release, free AS ours
