// The kept replies of some instructions that are still without use for them, and what they are about.
// access: read
// $ids list: ids of the instructions
// example: {"ids": ["00"]}
UNWIND $ids AS id
MATCH (i:Instruction {id: id}) WHERE i.status IN ['failed', 'rejected'] AND i.raw IS NOT NULL
RETURN i {.id, .unit_id, .reason, .question, .raw, .finish_reason, .concepts, .language} AS instruction,
  COLLECT { UNWIND i.concepts AS concept MATCH (k:TaxonomyNode {id: concept}) RETURN k.name } AS concepts,
  COLLECT {
    MATCH (u:Subject)-[:CONTAINS]->(:TaxonomyNode {id: i.syllabus_id})
    OPTIONAL MATCH (d:Discipline)-[:CONTAINS]->(u)
    RETURN [coalesce(d.name, u.name), u.name] ORDER BY u.id, d.id LIMIT 1
  }[0] AS subject
