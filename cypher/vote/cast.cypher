// Casts votes in a locked round, each at most once per node and person; returns what became of each that is on a node of the round.
// access: write
// $batch map: round, the round's id; rows, maps of n (the row's number), node, key, own (whether the person voted, or somebody else for it) and vote (what to store)
UNWIND $batch.rows AS row
MATCH (r:Round {id: $batch.round})-[:ASKS]->(n:TaxonomyNode {id: row.node})
OPTIONAL MATCH (old:Vote {key: row.key})
WITH r, n, row, old, CASE
  WHEN old IS NULL THEN 'created'
  WHEN old.own AND NOT row.own THEN 'refused'
  WHEN old.own = row.own AND old.choice = row.vote.choice AND old.kind = row.vote.kind AND coalesce(old.comment, '') = coalesce(row.vote.comment, '') THEN 'existing'
  ELSE 'changed'
END AS how
CALL (r, n, row, old, how) {
  WITH * WHERE how IN ['created', 'changed']
  SET old.key = null, old.current = false
  CREATE (r)-[:HAS]->(v:Vote)-[:ON]->(n)
  SET v = row.vote, v.key = row.key, v.at = datetime()
  FOREACH (one IN CASE WHEN old IS NULL THEN [] ELSE [old] END | CREATE (v)-[:REPLACES]->(one))
}
WITH r, collect([row.n, how]) AS done
SET r.votes = r.votes + size([one IN done WHERE one[1] = 'created'])
RETURN done
