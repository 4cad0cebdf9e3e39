// The rounds, newest first.
// access: read
// $wanted map: states; root_id, the node that they are over; node_id, a node that they ask about; each null where any will do
// $before string: the cursor, a large string at the start
// $limit integer: maximum number of rows
// example: {"wanted": {}, "before": "~", "limit": 50}
MATCH (r:Round) WHERE r.id < $before AND ($wanted.states IS NULL OR r.state IN $wanted.states)
  AND ($wanted.root_id IS NULL OR r.root_id = $wanted.root_id)
  AND ($wanted.node_id IS NULL OR EXISTS { (:TaxonomyNode {id: $wanted.node_id})<-[:ASKS]-(r) })
WITH r ORDER BY r.id DESC LIMIT $limit
RETURN r {.*, opened_at: toString(r.opened_at), closed_at: toString(r.closed_at), reopened_at: toString(r.reopened_at)} AS round
