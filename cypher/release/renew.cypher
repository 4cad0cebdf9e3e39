// Keeps a release in its builder's hands; no row where it is in other hands.
// access: write
// $name string: the release
// $builder string: its builder
// $lease_s float: seconds for which it stays in these hands
MATCH (r:Release {name: $name})
SET r.count = r.count + 0
WITH r WHERE r.builder = $builder AND r.state = 'building'
SET r.lease_until = datetime() + duration({milliseconds: toInteger(1000 * $lease_s)})
RETURN r.name AS name
