// Locks a proposal for a decision, and returns it with the ids of its nodes that are still there.
// access: write
// $id string: the proposal's id
MATCH (p:Proposal {id: $id})
SET p.score = p.score + 0
RETURN p {.id, .kind, .state, .about, .before, .after} AS proposal, COLLECT { MATCH (p)-[:ABOUT]->(n) RETURN n.id } AS there
