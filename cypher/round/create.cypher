// Stores a round over a node, unless there is one of this key, and returns it.
// access: write
// $id string: the round's id
// $root_id string: the node
// $key string: digest of the node and the round's name
// $properties map: name, quorum, voters and the rest
MATCH (n:TaxonomyNode {id: $root_id})
MERGE (r:Round {key: $key})
  ON CREATE SET r += $properties, r.id = $id, r.root_id = $root_id, r.state = 'opening', r.rule = 'majority', r.turn = 1, r.nodes = 0, r.votes = 0, r.opened_at = datetime()
MERGE (r)-[:OVER]->(n)
RETURN r {.*, opened_at: toString(r.opened_at), closed_at: toString(r.closed_at), reopened_at: toString(r.reopened_at)} AS round
