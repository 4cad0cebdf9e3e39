// The kept replies of some instructions that are still without use for them, and the names of their concepts.
// access: read
// $ids list: ids of the instructions
// example: {"ids": ["00"]}
UNWIND $ids AS id
MATCH (i:Instruction {id: id}) WHERE i.status IN ['failed', 'rejected'] AND i.raw IS NOT NULL
RETURN i {.id, .unit_id, .reason, .question, .raw, .finish_reason, .concepts, .language, .syllabus_id} AS instruction,
  COLLECT { UNWIND i.concepts AS concept MATCH (k:TaxonomyNode {id: concept}) RETURN k.name } AS concepts
