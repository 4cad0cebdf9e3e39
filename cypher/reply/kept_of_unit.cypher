// The kept reply of a failed unit, with the node it is for.
// access: read
// $id string: the unit
// example: {"id": "00"}
MATCH (u:WorkUnit {id: $id, state: 'failed'})
MATCH (n:TaxonomyNode {id: u.node_id})
WHERE n.status = 'accepted' OR (u.step = 'taxonomy' AND n.status = 'proposed')
RETURN u {.id, .step, .branch_id, .reason, .raw, .finish_reason, .draft, .kind} AS unit, n.id AS node_id, n.name AS name
