// Locks nodes for a change.
// access: write
// $ids list: ids, in the order in which everybody locks them
UNWIND $ids AS id
MATCH (n:TaxonomyNode {id: id})
SET n.version = n.version + 0
RETURN count(n) AS held
