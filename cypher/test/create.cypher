// Stores a test set; the same name twice gives one. Returns it.
// access: write
// $name string: its name
// $node_id string: the node below which its questions are drawn
// $properties map: what is stored of it: id, key, per_discipline, hold, answers, created_by
MATCH (n:TaxonomyNode {id: $node_id})
MERGE (t:GlanTest {name: $name})
  ON CREATE SET t += $properties, t.node_id = $node_id, t.state = 'making', t.created_at = datetime()
MERGE (t)-[:DRAWN_UNDER]->(n)
RETURN t {.*, created_at: toString(t.created_at), completed_at: toString(t.completed_at), removed_at: toString(t.removed_at)} AS test
