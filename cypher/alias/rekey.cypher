// Makes old keys those of another home, unless there they stand for something already.
// access: write
// $rows list: maps of key, new (the key there) and home
UNWIND $rows AS row
MATCH (o:OldKey {key: row.key})
WHERE NOT EXISTS { MATCH (other:OldKey) WHERE other.key = row.new }
CALL (row) {
  MATCH (home:TaxonomyNode {id: row.home})
  RETURN home
}
SET o.key = row.new, o.home = row.home, home.old_keys = true
