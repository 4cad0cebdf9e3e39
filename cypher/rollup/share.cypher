// Records with which other disciplines a locked discipline shares something below it, and says what time it is.
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
  MERGE (r)-[:SHARES]->(o)
}
RETURN datetime.statement().epochMillis AS now
