// Gives nodes their new homes and keys after they left the old ones; the old key stands for them where its home is still there.
// access: write
// $rows list: maps of id, home (id of the node within which the name is unique) and key
UNWIND $rows AS row
MATCH (n:TaxonomyNode {id: row.id})
CALL (n) {
  MATCH (home:TaxonomyNode {id: n.home})
  SET home.old_keys = true
  MERGE (o:OldKey {key: n.key})
  SET o.name_key = n.name_key, o.home = n.home
  WITH n, o
  CALL (o) {
    MATCH (o)-[of:OF]->()
    DELETE of
  }
  MERGE (o)-[:OF]->(n)
}
SET n.home = row.home, n.key = row.key
