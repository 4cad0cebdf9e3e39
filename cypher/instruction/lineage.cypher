// One instruction with its lineage: concepts, sessions, syllabus, subjects and every path from a root.
// access: read
// $id string: the instruction's id
// example: {"id": "00"}
MATCH (i:Instruction {id: $id})
RETURN i {.*, job_id: COLLECT { MATCH (i)-[:PRODUCED_BY]->(j) RETURN j.id }[0], created_at: toString(i.created_at), updated_at: toString(i.updated_at)} AS instruction,
  COLLECT { UNWIND range(0, size(i.concepts) - 1) AS n MATCH (k:TaxonomyNode {id: i.concepts[n]}) RETURN k {.id, .name} ORDER BY n } AS concepts,
  COLLECT { MATCH (i)-[d:DRAWN_FROM]->(s) RETURN s {.id, .name} ORDER BY d.position } AS sessions,
  COLLECT { MATCH (y:TaxonomyNode) WHERE y.id = i.syllabus_id RETURN y {.id, .name} }[0] AS syllabus,
  COLLECT { MATCH (y:TaxonomyNode) WHERE y.id = i.partner_id RETURN y {.id, .name} }[0] AS partner,
  COLLECT {
    UNWIND [i.syllabus_id, i.partner_id] AS one
    MATCH (u)-[:CONTAINS]->(:TaxonomyNode {id: one})
    WITH DISTINCT u RETURN u {.id, .name} ORDER BY u.id
  } AS subjects,
  COLLECT {
    UNWIND [i.syllabus_id, i.partner_id] AS one
    MATCH path = (root)-[:CONTAINS*0..]->(y:TaxonomyNode {id: one})
    WHERE NOT EXISTS { ()-[:CONTAINS]->(root) }
    RETURN [n IN nodes(path) | n {.id, .name, kind: [label IN labels(n) WHERE label <> 'TaxonomyNode'][0]}] LIMIT 100
  } AS paths,
  COLLECT {
    MATCH (i)-[:HAS_VERDICT]->(v:Verdict)
    RETURN v {.*, at: toString(v.at)}
    ORDER BY CASE v.part WHEN 'question' THEN 0 WHEN 'answer' THEN 1 WHEN 'critique' THEN 2 ELSE 3 END, v.at, v.id
  } AS verdicts,
  COLLECT { MATCH (i)-[:HAS_DRAFT]->(d:Draft) RETURN d {.*, chosen: coalesce(d.text = i.answer, false), at: toString(d.at)} ORDER BY d.kind, d.number } AS drafts,
  COLLECT { MATCH (i)-[:PRODUCED_BY]->(j) RETURN j {.id, .state} }[0] AS job
