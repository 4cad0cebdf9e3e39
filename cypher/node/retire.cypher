// Retires nodes and returns those that were not retired before.
// access: write
// $ids list: ids
MATCH (n:TaxonomyNode) WHERE n.id IN $ids AND n.status <> 'retired'
WITH n ORDER BY n.id
SET n.status = 'retired', n.version = n.version + 1, n.updated_at = datetime()
RETURN n.id AS id
