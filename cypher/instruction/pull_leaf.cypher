// The instructions that were drawn from a session or cover a concept, in the order of their ids; a list of fields each, all in one row.
// access: read
// $id string: the session or concept
// $from map: instruction, the id after which to begin, empty at the start
// $wanted map: statuses (a list), and strategy, since (ISO 8601), job_id, language, model, each null where any will do; dials, a list of lists such as ["difficulty=apply"], of each of which one is wanted; pairs, whether only those with a rejected answer are
// $limit integer: maximum number of rows
// example: {"id": "0190", "from": {"instruction": ""}, "wanted": {"statuses": ["accepted"]}, "limit": 50}
MATCH (:TaxonomyNode {id: $id})<-[:DRAWN_FROM|COVERS|COVERED]-(i:Instruction)
WITH DISTINCT i
WHERE i.id > $from.instruction AND i.status IN $wanted.statuses
  AND ($wanted.strategy IS NULL OR i.strategy = $wanted.strategy)
  AND ($wanted.since IS NULL OR i.updated_at >= datetime($wanted.since))
  AND ($wanted.language IS NULL OR i.language = $wanted.language)
  AND ($wanted.model IS NULL OR i.question_model = $wanted.model OR i.answer_model = $wanted.model)
  AND ($wanted.pairs IS NULL OR NOT $wanted.pairs OR i.rejected_answer IS NOT NULL)
  AND all(some IN coalesce($wanted.dials, []) WHERE any(dial IN some WHERE dial IN coalesce(i.dials, [])))
  AND ($wanted.job_id IS NULL OR EXISTS { (i)-[:PRODUCED_BY]->(:Job {id: $wanted.job_id}) })
WITH i ORDER BY i.id LIMIT $limit
RETURN collect([
  '', '', i.id, i.question, i.answer, i.rejected_answer, i.status, i.reason, i.strategy, i.sessions, i.concepts, i.syllabus_id,
  coalesce(i.job_id, COLLECT { MATCH (i)-[:PRODUCED_BY]->(j) RETURN j.id }[0]), i.question_model, i.answer_model,
  i.calls, i.question_prompt_tokens, i.question_completion_tokens, i.answer_prompt_tokens, i.answer_completion_tokens,
  i.cost_usd, i.language, i.dials, coalesce(i.repeat, 0), toString(i.created_at), i.partner_id
]) AS rows
