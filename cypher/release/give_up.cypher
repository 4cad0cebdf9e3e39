// Lets go of a release that could not be built, so that it can be started again at once.
// access: write
// $name string: the release
// $builder string: its builder
MATCH (r:Release {name: $name})
SET r.count = r.count + 0
WITH r WHERE r.builder = $builder AND r.state = 'building'
SET r.lease_until = datetime()
RETURN r.name AS name
