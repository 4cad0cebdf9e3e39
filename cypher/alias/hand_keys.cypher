// Makes the keys of merged nodes, and all old keys of these, stand for the nodes that they were merged into, and marks the homes.
// access: write
// $pairs list: maps of old and new, ids
UNWIND $pairs AS pair
MATCH (a:TaxonomyNode {id: pair.old})
MATCH (b:TaxonomyNode {id: pair.new})
CALL (a, b) {
  MATCH (o:OldKey)-[of:OF]->(a)
  MERGE (o)-[:OF]->(b)
  DELETE of
}
MERGE (own:OldKey {key: a.key})
SET own.name_key = a.name_key, own.home = a.home
WITH a, b, own
CALL (own) {
  MATCH (own)-[of:OF]->()
  DELETE of
}
MERGE (own)-[:OF]->(b)
WITH a
MATCH (home:TaxonomyNode {id: a.home}) WHERE home.old_keys IS NULL
SET home.old_keys = true
