// Links a node under another.
// access: write
// $parent_id string: the node above
// $child_id string: the node below
// $position integer or null: its place among its siblings
MATCH (p:TaxonomyNode {id: $parent_id})
MATCH (c:TaxonomyNode {id: $child_id})
MERGE (p)-[r:CONTAINS]->(c)
SET r.position = coalesce($position, r.position)
