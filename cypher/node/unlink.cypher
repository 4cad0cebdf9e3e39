// Takes a node from under another.
// access: write
// $parent_id string: the node above
// $child_id string: the node below
MATCH (:TaxonomyNode {id: $parent_id})-[r:CONTAINS]->(:TaxonomyNode {id: $child_id})
DELETE r
