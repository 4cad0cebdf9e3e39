// The instructions of some syllabi in the order of syllabus, session and instruction, each where it comes first in the subtree; a list of fields each, all in one row.
// access: read
// $id string: the root of the subtree
// $from map: syllabi, a list of ids in their order; syllabus, session and instruction, the place after which to begin, empty at the start
// $wanted map: statuses (a list), and strategy, since (ISO 8601), job_id, language, model, each null where any will do; dials, a list of lists such as ["difficulty=apply"], of each of which one is wanted; pairs, whether only those with a rejected answer are
// $limit integer: maximum number of rows
// example: {"id": "0190", "from": {"syllabi": ["0191"], "syllabus": "", "session": "", "instruction": ""}, "wanted": {"statuses": ["accepted"]}, "limit": 50}
UNWIND $from.syllabi AS syllabus
MATCH (y:TaxonomyNode {id: syllabus})
CALL (y) {
  MATCH (y)-[:CONTAINS]->(s)
  // A session that stands in an earlier syllabus of the subtree too has been there already. Asked once a session:
  // its instructions hang on it as well, and finding its syllabi goes by all of them.
  WITH y, s, EXISTS {
    MATCH (s)<-[:CONTAINS]-(p:Syllabus)
    WHERE p.id < y.id AND EXISTS { (p)<-[:CONTAINS*1..]-(:TaxonomyNode {id: $id}) }
  } AS passed
  ORDER BY s.id
  WITH y, collect(s) AS sessions, collect(s.id) AS ids, collect(CASE WHEN passed THEN s.id END) AS passed
  UNWIND range(0, size(ids) - 1) AS n
  WITH y, sessions[n] AS s, ids, passed, passed + ids[..n] AS before
  WHERE NOT s.id IN passed AND (y.id > $from.syllabus OR s.id >= $from.session)
  RETURN s, ids, before
}
WITH y, s, ids, before ORDER BY y.id, s.id
CALL (y, s, ids, before) {
  MATCH (s)<-[:DRAWN_FROM]-(i:Instruction)
  WHERE i.status IN $wanted.statuses
    AND (y.id > $from.syllabus OR s.id > $from.session OR i.id > $from.instruction)
    AND ($wanted.strategy IS NULL OR i.strategy = $wanted.strategy)
    AND ($wanted.since IS NULL OR i.updated_at >= datetime($wanted.since))
    AND ($wanted.language IS NULL OR i.language = $wanted.language)
    AND ($wanted.model IS NULL OR i.question_model = $wanted.model OR i.answer_model = $wanted.model)
    AND ($wanted.pairs IS NULL OR NOT $wanted.pairs OR i.rejected_answer IS NOT NULL)
    AND all(some IN coalesce($wanted.dials, []) WHERE any(dial IN some WHERE dial IN coalesce(i.dials, [])))
    AND ($wanted.job_id IS NULL OR EXISTS { (i)-[:PRODUCED_BY]->(:Job {id: $wanted.job_id}) })
    // The other session of a pair comes first where it stands before this one, here or in an earlier syllabus.
    AND NOT EXISTS {
      MATCH (i)-[:DRAWN_FROM]->(o)
      WHERE o.id IN before OR NOT o.id IN ids AND EXISTS {
        MATCH (o)<-[:CONTAINS]-(p:Syllabus)
        WHERE p.id < y.id AND EXISTS { (p)<-[:CONTAINS*1..]-(:TaxonomyNode {id: $id}) }
      }
    }
  RETURN i ORDER BY i.id LIMIT $limit
}
WITH y, s, i ORDER BY y.id, s.id, i.id LIMIT $limit
// In one row, for each row of an answer costs a client more than what is in it.
RETURN collect([
  y.id, s.id, i.id, i.question, i.answer, i.rejected_answer, i.status, i.reason, i.strategy, i.sessions, i.concepts, i.syllabus_id,
  coalesce(i.job_id, COLLECT { MATCH (i)-[:PRODUCED_BY]->(j) RETURN j.id }[0]), i.question_model, i.answer_model,
  i.calls, i.question_prompt_tokens, i.question_completion_tokens, i.answer_prompt_tokens, i.answer_completion_tokens,
  i.cost_usd, i.language, i.dials, coalesce(i.repeat, 0), toString(i.created_at), i.partner_id
]) AS rows
