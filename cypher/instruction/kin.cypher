// The instructions that links between near-duplicates and variants join to some instructions, in either direction.
// access: read
// $ids list: ids of instructions
// example: {"ids": ["00"]}
UNWIND $ids AS id
MATCH (i:Instruction {id: id})-[:NEAR_DUPLICATE_OF|VARIANT_OF]-(o:Instruction)
RETURN DISTINCT i.id AS id, i.syllabus_id AS syllabus_id, o.id AS other, o.syllabus_id AS other_syllabus_id
