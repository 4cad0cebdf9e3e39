// What a job has used so far: calls, tokens and usd by model and step, judging and refining included, and the number of samples without a known price.
// access: read
// $job_id string: the job
// example: {"job_id": "0190"}
MATCH (j:Job {id: $job_id})
CALL (j) {
  MATCH (j)-[:HAS_UNIT]->(u:WorkUnit) WHERE u.step <> 'instructions' AND u.calls > 0
  RETURN u.model AS model, u.step AS step, 1 AS samples, u.calls AS calls, u.prompt_tokens AS prompt_tokens,
         u.completion_tokens AS completion_tokens, u.cost_usd AS usd, sign(u.unpriced) AS unpriced
  UNION ALL
  // An ended unit has counted its instructions; what judged them is counted below.
  MATCH (j)-[:HAS_UNIT]->(u:WorkUnit) WHERE u.step = 'instructions' AND u.state = 'done' AND u.used_steps IS NOT NULL
  UNWIND range(0, size(u.used_steps) - 1) AS n
  WITH u, n WHERE u.used_steps[n] IN ['questions', 'answers']
  RETURN nullIf(u.used_models[n], '') AS model, u.used_steps[n] AS step, u.used_samples[n] AS samples, u.used_calls[n] AS calls,
         u.used_prompt_tokens[n] AS prompt_tokens, u.used_completion_tokens[n] AS completion_tokens,
         u.used_usd[n] AS usd, u.used_unpriced[n] AS unpriced
  UNION ALL
  MATCH (j)-[:HAS_UNIT]->(u:WorkUnit) WHERE u.step = 'instructions' AND (u.state <> 'done' OR u.used_steps IS NULL)
  MATCH (i:Instruction {unit_id: u.id})
  UNWIND [
    [i.question_model, 'questions', i.question_calls, i.question_prompt_tokens, i.question_completion_tokens, i.question_cost_usd],
    [i.answer_model, 'answers', i.calls - i.question_calls, i.answer_prompt_tokens, i.answer_completion_tokens, i.answer_cost_usd]
  ] AS use
  WITH use WHERE use[3] IS NOT NULL
  RETURN use[0] AS model, use[1] AS step, 1 AS samples, use[2] AS calls, use[3] AS prompt_tokens,
         use[4] AS completion_tokens, toFloat(use[5]) AS usd, CASE WHEN use[5] IS NULL THEN 1 ELSE 0 END AS unpriced
  UNION ALL
  // A judge counts all it was asked, about samples whose verdict is known as well.
  MATCH (j)-[:HAS_JUDGE]->(g:Judge) WHERE g.counts[9] > 0
  RETURN g.model AS model,
         CASE g.part WHEN 'question' THEN 'judge_questions' WHEN 'answer' THEN 'judge_answers' WHEN 'pair' THEN 'judge_pairs' WHEN 'critique' THEN 'critiques' ELSE 'refinements' END AS step,
         toInteger(CASE WHEN g.part IN ['pair', 'refinement'] THEN g.counts[9] ELSE g.counts[0] + g.counts[2] + g.counts[4] + g.counts[5] + g.counts[6] + g.counts[7] END) AS samples,
         toInteger(g.counts[9]) AS calls, toInteger(g.counts[10]) AS prompt_tokens, toInteger(g.counts[11]) AS completion_tokens,
         g.counts[12] AS usd, toInteger(g.counts[13]) AS unpriced
}
WITH model, step, sum(samples) AS samples, sum(calls) AS calls, sum(prompt_tokens) AS prompt_tokens,
     sum(completion_tokens) AS completion_tokens, sum(usd) AS usd, sum(unpriced) AS without_price
RETURN model, step, samples, calls, prompt_tokens, completion_tokens,
       CASE WHEN without_price < samples THEN usd END AS usd, without_price
ORDER BY usd DESC, model, step
