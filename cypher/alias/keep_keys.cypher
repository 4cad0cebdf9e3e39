// Makes the keys that nodes have now stand for them once they have others, and marks the homes.
// access: write
// $ids list: ids
UNWIND $ids AS id
MATCH (n:TaxonomyNode {id: id})
MERGE (o:OldKey {key: n.key})
SET o.name_key = n.name_key, o.home = n.home
WITH n, o
CALL (o) {
  MATCH (o)-[of:OF]->()
  DELETE of
}
MERGE (o)-[:OF]->(n)
WITH n
MATCH (home:TaxonomyNode {id: n.home}) WHERE home.old_keys IS NULL
SET home.old_keys = true
