// Stores how instructions are related to others: near-duplicates and variants, each with its evidence; storing it twice changes nothing.
// access: write
// $rows list: maps of id, other (ids of instructions), kind (NEAR_DUPLICATE_OF or VARIANT_OF) and evidence (a map of properties)
UNWIND $rows AS row
MATCH (later:Instruction {id: row.id}), (earlier:Instruction {id: row.other})
CALL (row, later, earlier) {
  WITH row, later, earlier WHERE row.kind = 'NEAR_DUPLICATE_OF'
  MERGE (later)-[r:NEAR_DUPLICATE_OF]->(earlier)
  ON CREATE SET r = row.evidence, r.at = datetime()
}
CALL (row, later, earlier) {
  WITH row, later, earlier WHERE row.kind = 'VARIANT_OF'
  MERGE (later)-[r:VARIANT_OF]->(earlier)
  ON CREATE SET r = row.evidence, r.at = datetime()
}
