// Stores what a check found about instructions, each once, and that its rule has looked at some.
// access: write
// $id string: the check
// $rows list: maps of id (of the finding), instruction, reason (null: only variants) and links (JSON)
// $looked list: ids of the instructions that were looked at
// $rule string or null: the rule; null: they stay as they are
MATCH (c:Check {id: $id})
CALL (c) {
  UNWIND $rows AS row
  MERGE (f:Finding {id: row.id})
    ON CREATE SET f.instruction = row.instruction, f.reason = row.reason, f.links = row.links
  MERGE (c)-[:FOUND]->(f)
}
CALL (c) {
  WITH c WHERE $rule IS NOT NULL
  UNWIND $looked AS id
  MATCH (i:Instruction {id: id}) WHERE NOT $rule IN coalesce(i.checked, [])
  SET i.checked = coalesce(i.checked, []) + $rule
}
