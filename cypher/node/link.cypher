// Links a node under another, after the children there; a new link increments the node's version, which covers its parents.
// access: write
// $parent_id string: the node above
// $child_id string: the node below
// $since string: an id that sorts it behind those that came before
MATCH (p:TaxonomyNode {id: $parent_id})
MATCH (c:TaxonomyNode {id: $child_id})
MERGE (p)-[r:CONTAINS]->(c)
  ON CREATE SET r.since = $since, c.version = c.version + 1, c.updated_at = datetime()
