// Removes what a check has recorded about some instructions, except what a person has waived, and has the next check of its rule look at them again.
// access: write
// $ids list: the instructions
// $check_id string: the check
// $rule string: its rule
UNWIND $ids AS id
MATCH (i:Instruction {id: id})
SET i.checked = [rule IN coalesce(i.checked, []) WHERE rule <> $rule]
WITH i
MATCH (i)-[r:NEAR_DUPLICATE_OF|VARIANT_OF|MATCHES]->() WHERE r.check_id = $check_id AND r.waived_by IS NULL
DELETE r
