// What checks found about an instruction: by which rules it was checked, what it repeats, varies or matches, and what repeats it.
// access: read
// $id string: the instruction's id
// $limit integer: how many that repeat it are listed at most
// example: {"id": "00", "limit": 100}
MATCH (i:Instruction {id: $id})
RETURN i {.id, .status, .reason, .waived_by, .waiver, waived_at: toString(i.waived_at), checked: coalesce(i.checked, []), flags: coalesce(i.flags, []), .withdrawn_by, withdrawn_at: toString(i.withdrawn_at)} AS instruction,
  COLLECT { MATCH (i)-[r:NEAR_DUPLICATE_OF]->(o) RETURN r {.*, at: toString(r.at), id: o.id, question: o.question, status: o.status} ORDER BY o.id } AS near_duplicates,
  COLLECT { MATCH (i)-[r:VARIANT_OF]->(o) RETURN r {.*, at: toString(r.at), id: o.id, question: o.question, status: o.status} ORDER BY o.id } AS variants,
  COLLECT {
    MATCH (i)-[r:MATCHES]->(item)
    OPTIONAL MATCH (item)<-[:HAS_ITEM]-(b:Benchmark)
    RETURN r {.*, at: toString(r.at), item: item.id, text: item.text, split: item.split, task: item.task, benchmark: b.name} ORDER BY item.id, r.part
  } AS matches,
  COLLECT { MATCH (i)<-[r:NEAR_DUPLICATE_OF]-(o) RETURN r {.*, at: toString(r.at), id: o.id, question: o.question, status: o.status} ORDER BY o.id LIMIT $limit } AS repeated_by
