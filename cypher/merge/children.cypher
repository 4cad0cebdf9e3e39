// Puts the children of merged nodes under those that they were merged into, after the children there.
// access: write
// $pairs list: maps of old and new, ids
UNWIND $pairs AS pair
MATCH (a:TaxonomyNode {id: pair.old})
MATCH (b:TaxonomyNode {id: pair.new})
WITH a, b, COLLECT { MATCH (b)-[r:CONTAINS]->() RETURN max(coalesce(r.position, 2147483647)) }[0] AS last
CALL (a, b, last) {
  MATCH (a)-[r:CONTAINS]->(c)
  WITH r, c, coalesce(last, -1) + 1 + r.position AS position
  MERGE (b)-[n:CONTAINS]->(c)
    ON CREATE SET n.position = CASE WHEN position < 2147483647 THEN position END, n.since = r.since
  SET c.version = c.version + 1, c.updated_at = datetime()
  DELETE r
}
