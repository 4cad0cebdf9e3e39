// Stores a check of what is below a node; the same id twice gives one check.
// access: write
// $id string: the check's id
// $node_id string: the node
// $properties map: kind, rule, action, dry_run and the rest
MATCH (n:TaxonomyNode {id: $node_id})
MERGE (c:Check {id: $id})
  ON CREATE SET c += $properties, c.node_id = $node_id, c.state = 'planned', c.fence = 0, c.created_at = datetime(), c.writes = 0,
                c.looked_at = 0, c.found = 0, c.variants = 0, c.withdrawn = 0, c.restored = 0
MERGE (c)-[:LOOKED_UNDER]->(n)
RETURN c {.*, created_at: toString(c.created_at), started_at: toString(c.started_at), ended_at: toString(c.ended_at), undone_at: toString(c.undone_at), lease_until: toString(c.lease_until)} AS check
