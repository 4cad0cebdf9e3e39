// Gives children of a node their positions.
// access: write
// $id string: the node
// $rows list: maps of id (a child), position (null: after all that have one) and since (an id that sorts it among those without one, null where that stays)
UNWIND $rows AS row
MATCH (:TaxonomyNode {id: $id})-[r:CONTAINS]->(:TaxonomyNode {id: row.id})
SET r.position = row.position, r.since = coalesce(row.since, r.since)
