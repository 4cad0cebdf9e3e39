// What a node and all below it have cost so far, whichever jobs grew them, by step; each instruction counts once.
// access: read
// $id string: the node
// example: {"id": "0190"}
MATCH (top:TaxonomyNode {id: $id})
CALL (top) {
  MATCH (top) ((above WHERE NOT above:Subject)-[:CONTAINS]->())* (b)
  WITH DISTINCT top, b WHERE b:Discipline OR b:Subject
  // A job has its units by branches: disciplines, or the one subject it was given.
  MATCH (d)-[:CONTAINS*0..1]->(b) WHERE d = b OR (b = top AND d:Discipline)
  MATCH (j)-[:GROWS]->()-[:CONTAINS*0..]->(d)
  WITH DISTINCT b, d, j
  UNWIND ['subjects', 'syllabi'] AS wanted
  MATCH (u:WorkUnit {job_id: j.id, branch_id: d.id, step: wanted})
  USING INDEX u:WorkUnit(job_id, branch_id, step, state, node_id)
  WHERE u.calls > 0 AND u.state IS NOT NULL AND u.node_id IS NOT NULL AND (d = b OR u.node_id = b.id)
  WITH DISTINCT u
  RETURN u.step AS step, u.calls AS calls, u.prompt_tokens AS prompt_tokens,
         u.completion_tokens AS completion_tokens, CASE WHEN u.unpriced > 0 THEN null ELSE u.cost_usd END AS cost
  UNION ALL
  MATCH (top) ((above WHERE NOT above:ClassSession)-[:CONTAINS]->())* (s)
  WITH DISTINCT s WHERE s:ClassSession
  MATCH (s)<-[:DRAWN_FROM]-(i:Instruction)
  WITH DISTINCT i
  UNWIND ['questions', 'answers'] AS step
  WITH i, step, step = 'questions' AS asking
  WHERE CASE WHEN asking THEN i.question_prompt_tokens ELSE i.answer_prompt_tokens END IS NOT NULL
  RETURN step, CASE WHEN asking THEN i.question_calls ELSE i.calls - i.question_calls END AS calls,
         CASE WHEN asking THEN i.question_prompt_tokens ELSE i.answer_prompt_tokens END AS prompt_tokens,
         CASE WHEN asking THEN i.question_completion_tokens ELSE i.answer_completion_tokens END AS completion_tokens,
         CASE WHEN asking THEN i.question_cost_usd ELSE i.answer_cost_usd END AS cost
}
RETURN step, count(*) AS samples, sum(calls) AS calls, sum(prompt_tokens) AS prompt_tokens,
       sum(completion_tokens) AS completion_tokens,
       CASE WHEN count(cost) > 0 THEN sum(cost) END AS usd, count(*) - count(cost) AS without_price
ORDER BY usd DESC, step
