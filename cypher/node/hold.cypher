// Locks nodes for a change.
// access: write
// $ids list: ids, in the order in which everybody locks them
UNWIND $ids AS id
MATCH (n:TaxonomyNode {id: id})
SET n.updated_at = n.updated_at
RETURN count(n) AS held
