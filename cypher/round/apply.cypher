// Stores what a round decided about locked nodes, and changes those whose status becomes another, each with its record.
// access: write
// $batch map: round, the round's id; rows, maps of id; given, what to store of the decision; and edit, status and seal, null where the node stays as it is
UNWIND $batch.rows AS row
MATCH (:Round {id: $batch.round})-[a:ASKS]->(n:TaxonomyNode {id: row.id})
SET a += row.given
WITH n, row WHERE row.edit IS NOT NULL
SET n.status = row.status, n.seal = row.seal, n.version = n.version + 1, n.updated_at = datetime()
CREATE (e:Edit)-[:CHANGED]->(n)
SET e = row.edit, e.at = datetime()
RETURN count(*) AS changed
