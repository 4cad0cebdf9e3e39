// Unlinks a node from a parent and increments its version.
// access: write
// $parent_id string: the node above
// $child_id string: the node below
MATCH (:TaxonomyNode {id: $parent_id})-[r:CONTAINS]->(c:TaxonomyNode {id: $child_id})
SET c.version = c.version + 1, c.updated_at = datetime()
DELETE r
