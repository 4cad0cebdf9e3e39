// Makes a release that has all its parts final; no row where it is in other hands.
// access: write
// $name string: the release
// $builder string: its builder
// $sha256 string: of all lines in the full layout
// $bytes integer: their length
// $splits list: number of lines in train, validation and test
// $evidence string: what is known beside its lines, JSON
MATCH (r:Release {name: $name})
SET r.count = r.count + 0
WITH r WHERE r.builder = $builder AND r.state = 'building'
SET r.state = 'done', r.sha256 = $sha256, r.bytes = $bytes, r.splits = $splits, r.evidence = $evidence, r.ended_at = datetime()
REMOVE r.builder, r.lease_until
RETURN r {.*, created_at: toString(r.created_at), ended_at: toString(r.ended_at)} AS release
