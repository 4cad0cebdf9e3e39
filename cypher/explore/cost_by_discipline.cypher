// What a job has used so far in each discipline it grows: lists of subjects, syllabi and instructions, each counted once.
// access: read
// $job_id string: the job
// example: {"job_id": "0190"}
MATCH (:Job {id: $job_id})-[:HAS_UNIT]->(u:WorkUnit)
CALL (u) {
  WITH u WHERE u.step <> 'instructions' AND u.calls > 0
  RETURN 1 AS samples, u.calls AS calls, u.prompt_tokens AS prompt_tokens, u.completion_tokens AS completion_tokens,
         u.cost_usd AS usd, sign(u.unpriced) AS unpriced
  UNION ALL
  // An ended unit has counted its instructions.
  WITH u WHERE u.step = 'instructions' AND u.state = 'done' AND u.accepted IS NOT NULL
  RETURN u.accepted + u.rejected + u.failed AS samples, u.calls AS calls, u.prompt_tokens AS prompt_tokens,
         u.completion_tokens AS completion_tokens, u.cost_usd AS usd, u.unpriced AS unpriced
  UNION ALL
  WITH u WHERE u.step = 'instructions' AND (u.state <> 'done' OR u.accepted IS NULL)
  MATCH (i:Instruction {unit_id: u.id})
  RETURN count(i) AS samples, sum(i.calls) AS calls, sum(i.prompt_tokens) AS prompt_tokens,
         sum(i.completion_tokens) AS completion_tokens,
         sum(coalesce(i.question_cost_usd, 0.0) + coalesce(i.answer_cost_usd, 0.0)) AS usd,
         sum(CASE WHEN i.calls > 0 AND i.cost_usd IS NULL THEN 1 ELSE 0 END) AS unpriced
}
WITH u.branch_id AS branch, sum(samples) AS samples, sum(calls) AS calls, sum(prompt_tokens) AS prompt_tokens,
     sum(completion_tokens) AS completion_tokens, sum(usd) AS usd, sum(unpriced) AS unpriced
OPTIONAL MATCH (b:TaxonomyNode {id: branch})
RETURN branch AS id, b.name AS discipline, samples, calls, prompt_tokens, completion_tokens,
       CASE WHEN unpriced < samples THEN usd END AS usd, unpriced AS without_price
ORDER BY usd DESC, id
