// Gives nodes their new homes and keys after they left the old ones.
// access: write
// $rows list: maps of id, home (id of the node within which the name is unique) and key
UNWIND $rows AS row
MATCH (n:TaxonomyNode {id: row.id})
SET n.home = row.home, n.key = row.key
