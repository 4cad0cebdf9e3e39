// Takes a node from under another and counts its version up.
// access: write
// $parent_id string: the node above
// $child_id string: the node below
MATCH (:TaxonomyNode {id: $parent_id})-[r:CONTAINS]->(c:TaxonomyNode {id: $child_id})
SET c.version = c.version + 1, c.updated_at = datetime()
DELETE r
