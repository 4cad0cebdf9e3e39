// What became of a job's instructions and what they used: the counts of ended units, and those still running counted now.
// access: read
// $id string: the job
// example: {"id": "0190"}
MATCH (:Job {id: $id})-[:HAS_UNIT]->(u:WorkUnit {step: 'instructions'})
CALL (u) {
  WITH u WHERE u.state = 'done' AND u.accepted IS NOT NULL
  RETURN u.accepted AS accepted, u.rejected AS rejected, u.failed AS failed, 0 AS asked, u.calls AS calls,
         u.question_calls AS question_calls,
         u.question_tokens AS question_tokens, u.answer_tokens AS answer_tokens,
         u.question_usd AS question_usd, u.answer_usd AS answer_usd, u.unpriced AS unpriced
  UNION ALL
  WITH u WHERE u.state <> 'done' OR u.accepted IS NULL
  MATCH (i:Instruction {unit_id: u.id})
  RETURN sum(CASE WHEN i.status IN ['accepted', 'stale'] THEN 1 ELSE 0 END) AS accepted,
         sum(CASE WHEN i.status = 'rejected' THEN 1 ELSE 0 END) AS rejected,
         sum(CASE WHEN i.status = 'failed' THEN 1 ELSE 0 END) AS failed,
         sum(CASE WHEN i.status = 'asked' THEN 1 ELSE 0 END) AS asked,
         sum(coalesce(i.calls, 0)) AS calls, sum(coalesce(i.question_calls, 0)) AS question_calls,
         sum(coalesce(i.question_prompt_tokens, 0) + coalesce(i.question_completion_tokens, 0)) AS question_tokens,
         sum(coalesce(i.answer_prompt_tokens, 0) + coalesce(i.answer_completion_tokens, 0)) AS answer_tokens,
         sum(coalesce(i.question_cost_usd, 0.0)) AS question_usd, sum(coalesce(i.answer_cost_usd, 0.0)) AS answer_usd,
         sum(CASE WHEN i.calls > 0 AND i.cost_usd IS NULL THEN 1 ELSE 0 END) AS unpriced
}
RETURN sum(accepted) AS accepted, sum(rejected) AS rejected, sum(failed) AS failed, sum(asked) AS asked,
       sum(calls) AS calls, sum(question_calls) AS question_calls,
       sum(question_tokens) AS question_tokens, sum(answer_tokens) AS answer_tokens,
       sum(question_usd) AS question_usd, sum(answer_usd) AS answer_usd, sum(unpriced) AS unpriced
