// The instructions that links between near-duplicates and variants join to some instructions, in either direction.
// access: read
// $ids list: ids of instructions
// example: {"ids": ["00"]}
UNWIND $ids AS id
MATCH (i:Instruction {id: id})-[:NEAR_DUPLICATE_OF|VARIANT_OF]-(o:Instruction)
WITH DISTINCT i, o
RETURN i.id AS id, [id IN [i.syllabus_id, i.partner_id] WHERE id IS NOT NULL] AS syllabi,
       o.id AS other, [id IN [o.syllabus_id, o.partner_id] WHERE id IS NOT NULL] AS other_syllabi
