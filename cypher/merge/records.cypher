// Has jobs and edits name the nodes that others were merged into; an unfinished job continues there.
// access: write
// $pairs list: maps of old and new, ids
UNWIND $pairs AS pair
MATCH (a:TaxonomyNode {id: pair.old})
MATCH (b:TaxonomyNode {id: pair.new})
CALL (pair, a, b) {
  MATCH (j:Job)-[g:GROWS]->(a)
  MERGE (j)-[:GROWS]->(b)
  SET j.root_id = pair.new,
      j.spec = CASE WHEN j.state IN ['planned', 'paused'] THEN replace(j.spec, pair.old, pair.new) ELSE j.spec END
  DELETE g
}
CALL (a, b) {
  MATCH (e:Edit)-[c:CHANGED]->(a)
  MERGE (e)-[:CHANGED]->(b)
  DELETE c
}
