// Makes the ids of merged nodes, and all that stood for these, stand for the nodes that they were merged into.
// access: write
// $pairs list: maps of old and new, ids
UNWIND $pairs AS pair
MATCH (n:TaxonomyNode {id: pair.new})
CALL (pair, n) {
  MATCH (a:Alias)-[of:OF]->(:TaxonomyNode {id: pair.old})
  MERGE (a)-[:OF]->(n)
  DELETE of
}
MERGE (own:Alias {id: pair.old})
MERGE (own)-[:OF]->(n)
