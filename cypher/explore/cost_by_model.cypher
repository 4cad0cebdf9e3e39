// What a job has used so far: calls, tokens and usd by model and step, and how many samples have no known price.
// access: read
// $job_id string: the job
// example: {"job_id": "0190"}
MATCH (j:Job {id: $job_id})
CALL (j) {
  MATCH (j)-[:HAS_UNIT]->(u:WorkUnit) WHERE u.step <> 'instructions' AND u.calls > 0
  RETURN u.model AS model, u.step AS step, u.calls AS calls, u.prompt_tokens AS prompt_tokens,
         u.completion_tokens AS completion_tokens, CASE WHEN u.unpriced > 0 THEN null ELSE u.cost_usd END AS cost
  UNION ALL
  MATCH (j)<-[:PRODUCED_BY]-(i:Instruction) WHERE i.question_prompt_tokens IS NOT NULL
  RETURN i.question_model AS model, 'questions' AS step,
         i.question_calls AS calls, i.question_prompt_tokens AS prompt_tokens, i.question_completion_tokens AS completion_tokens,
         i.question_cost_usd AS cost
  UNION ALL
  MATCH (j)<-[:PRODUCED_BY]-(i:Instruction) WHERE i.answer_prompt_tokens IS NOT NULL
  RETURN i.answer_model AS model, 'answers' AS step, i.calls - i.question_calls AS calls,
         i.answer_prompt_tokens AS prompt_tokens, i.answer_completion_tokens AS completion_tokens,
         i.answer_cost_usd AS cost
}
RETURN model, step, count(*) AS samples, sum(calls) AS calls, sum(prompt_tokens) AS prompt_tokens,
       sum(completion_tokens) AS completion_tokens,
       CASE WHEN count(cost) > 0 THEN sum(cost) END AS usd, count(*) - count(cost) AS without_price
ORDER BY usd DESC, model, step
