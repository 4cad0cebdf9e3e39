// Puts nodes into a round that is being opened, each with the status that it has now; no row once it is open.
// access: write
// $batch map: round, the round's id; ids of the nodes
MATCH (r:Round {id: $batch.round})
SET r.held = true
WITH r WHERE r.state = 'opening'
UNWIND $batch.ids AS id
MATCH (n:TaxonomyNode {id: id})
MERGE (r)-[a:ASKS]->(n)
  ON CREATE SET a.was = n.status
RETURN count(a) AS asked
