// Locks nodes that a round asks about, in the order of their ids; returns in one row each of them, what the round has made of it so far, whether anything stands below it, and whether a proposal is about it.
// access: write
// $batch map: round, the round's id; ids of the nodes
MATCH (n:TaxonomyNode) WHERE n.id IN $batch.ids
WITH n ORDER BY n.id
SET n.version = n.version + 0
WITH n
MATCH (n)<-[a:ASKS]-(r:Round) WHERE r.id = $batch.round
// In one row: to read many takes the client longer than all of this the server.
RETURN collect([
  n {.*, kind: [label IN labels(n) WHERE label <> 'TaxonomyNode'][0], parents: COLLECT { MATCH (above)-[:CONTAINS]->(n) RETURN above.id ORDER BY above.id }, created_at: null, updated_at: null},
  a.gave, a.turn, EXISTS { (n)-[:CONTAINS]->() }, EXISTS { (n)<-[:ABOUT]-() }
]) AS held
