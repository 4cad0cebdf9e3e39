// Removes parts that a dead builder has left; nothing where the release is in other hands.
// access: write
// $name string: the release
// $builder string: its builder
// $limit integer: maximum number per transaction
MATCH (r:Release {name: $name})
SET r.count = r.count + 0
WITH r WHERE r.builder = $builder AND r.state = 'building'
SET r.count = 0, r.prompts = []
WITH r
CALL (r) {
  MATCH (r)-[:HAS_PART]->(p)
  WITH p LIMIT $limit
  DETACH DELETE p
  RETURN count(*) AS removed
}
RETURN removed
