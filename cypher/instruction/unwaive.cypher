// Takes waivers of what checks found back, for a person has decided otherwise.
// access: write
// $ids list: ids of instructions
UNWIND $ids AS id
MATCH (i:Instruction {id: id}) WHERE i.waived_by IS NOT NULL
SET i.waived_by = null, i.waived_at = null, i.waiver = null
WITH i
CALL (i) {
  MATCH (i)-[r:NEAR_DUPLICATE_OF|VARIANT_OF|MATCHES]->()
  SET r.waived_by = null
}
RETURN count(i) AS taken
