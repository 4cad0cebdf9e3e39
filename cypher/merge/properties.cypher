// Gives nodes what they take over of those merged into them, and increments their versions.
// access: write
// $rows list: maps of id and changes (properties to set)
UNWIND $rows AS row
MATCH (n:TaxonomyNode {id: row.id})
SET n += row.changes, n.version = n.version + 1, n.updated_at = datetime()
