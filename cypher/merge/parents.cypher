// Puts nodes at the places of those merged into them and returns which parents that gave them.
// access: write
// $pairs list: maps of old and new, ids
UNWIND $pairs AS pair
MATCH (a:TaxonomyNode {id: pair.old})
MATCH (b:TaxonomyNode {id: pair.new})
CALL (a, b) {
  MATCH (p)-[r:CONTAINS]->(a)
  MERGE (p)-[n:CONTAINS]->(b)
    ON CREATE SET n.position = r.position, n.since = coalesce(r.since, a.id)
  DELETE r
  RETURN p.id AS parent_id
}
RETURN DISTINCT parent_id
