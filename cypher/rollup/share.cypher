// Records with which other disciplines a locked discipline shares something below it.
// access: write
// $id string: the discipline
// $others list: ids of the others
MATCH (r:Rollup {id: $id})
CALL (r) {
  MATCH (r)-[s:SHARES]->()
  DELETE s
}
CALL (r) {
  UNWIND $others AS other
  MERGE (o:Rollup {id: other})
    ON CREATE SET o.known = false
  MERGE (r)-[:SHARES]->(o)
}
