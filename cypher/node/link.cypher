// Links a node under another; a new link counts the node's version up, for its parents are a part of it.
// access: write
// $parent_id string: the node above
// $child_id string: the node below
// $position integer or null: its place among its siblings
MATCH (p:TaxonomyNode {id: $parent_id})
MATCH (c:TaxonomyNode {id: $child_id})
MERGE (p)-[r:CONTAINS]->(c)
  ON CREATE SET c.version = c.version + 1, c.updated_at = datetime()
SET r.position = coalesce($position, r.position)
