// Stores an import that begins; one that a dead service began under this id starts over.
// access: write
// $id string: the import's id
// $under string or null: the node under which it goes
// $properties map: what is read, by whom, and counts of nothing yet
MERGE (i:Import {id: $id})
SET i = $properties, i.id = $id, i.state = 'running', i.at = datetime(), i.seen_at = datetime()
WITH i
CALL (i) { MATCH (i)-[:HAS_PROBLEMS]->(p) DETACH DELETE p }
CALL (i) { MATCH (n:TaxonomyNode {id: $under}) MERGE (i)-[:INTO]->(n) }
