// Records waivers of what checks found, or find, about instructions, with the reason; one that is recorded stays as it is.
// access: write
// $ids list: ids of instructions
// $by string: the caller that waives them
// $reason string: why
UNWIND $ids AS id
MATCH (i:Instruction {id: id})
SET i.updated_at = i.updated_at + duration('PT0S')
WITH i, i.waived_by IS NULL AS fresh
SET i.waived_at = coalesce(i.waived_at, datetime()), i.waiver = coalesce(i.waiver, $reason), i.waived_by = coalesce(i.waived_by, $by)
WITH i, fresh
CALL (i) {
  MATCH (i)-[r:NEAR_DUPLICATE_OF|VARIANT_OF|MATCHES]->()
  SET r.waived_by = i.waived_by
}
RETURN i.id AS id, fresh, COLLECT { MATCH (y:TaxonomyNode {id: i.syllabus_id}) RETURN y {.id, .name, kind: [label IN labels(y) WHERE label <> 'TaxonomyNode'][0]} }[0] AS syllabus
