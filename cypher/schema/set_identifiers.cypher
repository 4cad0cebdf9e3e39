// Sets the properties of some nodes; null removes one.
// access: write
// $rows list: maps of id and changes
UNWIND $rows AS row
MATCH (n:TaxonomyNode {id: row.id})
SET n += row.changes, n.seal = null
