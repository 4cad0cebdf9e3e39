// Finds the history of a node that is purged.
// access: schema
CREATE INDEX edit_node IF NOT EXISTS FOR (e:Edit) ON (e.node_id, e.id)
