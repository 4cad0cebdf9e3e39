// Stores how instructions are related to others, and which items of benchmarks they match, each with its evidence; storing it twice changes nothing.
// access: write
// $rows list: maps of id (of an instruction), other (of an instruction, or of an item), kind (NEAR_DUPLICATE_OF, VARIANT_OF or MATCHES) and evidence (a map of properties)
UNWIND $rows AS row
MATCH (i:Instruction {id: row.id})
CALL (row, i) {
  WITH row, i WHERE row.kind = 'NEAR_DUPLICATE_OF'
  MATCH (earlier:Instruction {id: row.other})
  MERGE (i)-[r:NEAR_DUPLICATE_OF]->(earlier)
  ON CREATE SET r = row.evidence, r.at = datetime()
}
CALL (row, i) {
  WITH row, i WHERE row.kind = 'VARIANT_OF'
  MATCH (earlier:Instruction {id: row.other})
  MERGE (i)-[r:VARIANT_OF]->(earlier)
  ON CREATE SET r = row.evidence, r.at = datetime()
}
CALL (row, i) {
  WITH row, i WHERE row.kind = 'MATCHES'
  MATCH (item:BenchmarkItem {id: row.other})
  MERGE (i)-[r:MATCHES {part: row.evidence.part}]->(item)
  ON CREATE SET r = row.evidence, r.at = datetime()
}
