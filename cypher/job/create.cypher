// Stores a job; the same id twice gives one job.
// access: write
// $id string: the job's id
// $root_id string: the node it grows
// $properties map: spec, spec_key, requested and the rest
MATCH (root:TaxonomyNode {id: $root_id})
MERGE (j:Job {id: $id})
  ON CREATE SET j += $properties, j.root_id = $root_id, j.state = 'planned', j.fence = 0, j.created_at = datetime()
MERGE (j)-[:GROWS]->(root)
