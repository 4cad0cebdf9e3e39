// Opens a round whose nodes are all in it.
// access: write
// $id string: the round's id
MATCH (r:Round {id: $id})
SET r.held = true
WITH r, r.state = 'opening' AS fresh
SET r.state = CASE WHEN fresh THEN 'open' ELSE r.state END,
    r.nodes = CASE WHEN fresh THEN COUNT { (r)-[:ASKS]->() } ELSE r.nodes END
RETURN r {.*, opened_at: toString(r.opened_at), closed_at: toString(r.closed_at), reopened_at: toString(r.reopened_at)} AS round
