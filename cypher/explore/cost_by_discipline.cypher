// What a job has used so far in each discipline it grows: lists of subjects, syllabi and instructions, each counted once, with what judged and refined these; without a discipline: samples whose verdict is known, by which judges were tried.
// access: read
// $job_id string: the job
// example: {"job_id": "0190"}
MATCH (j:Job {id: $job_id})
CALL (j) {
  MATCH (j)-[:HAS_UNIT]->(u:WorkUnit)
  CALL (u) {
    WITH u WHERE u.step <> 'instructions' AND u.calls > 0
    RETURN 1 AS samples, u.calls AS calls, u.prompt_tokens AS prompt_tokens, u.completion_tokens AS completion_tokens,
           u.cost_usd AS usd, sign(u.unpriced) AS unpriced, false AS beside, 0 AS judged
    UNION ALL
    // An ended unit has counted its instructions, and what judged and refined them.
    WITH u WHERE u.step = 'instructions' AND u.state = 'done' AND u.accepted IS NOT NULL
    RETURN u.accepted + u.rejected + u.failed AS samples, u.calls AS calls, u.prompt_tokens AS prompt_tokens,
           u.completion_tokens AS completion_tokens, u.cost_usd AS usd, u.unpriced AS unpriced, false AS beside, 0 AS judged
    UNION ALL
    WITH u WHERE u.step = 'instructions' AND u.state = 'done' AND u.accepted IS NOT NULL
    UNWIND range(0, size(u.used_steps) - 1) AS n
    WITH u, n WHERE NOT u.used_steps[n] IN ['questions', 'answers']
    RETURN 0 AS samples, u.used_calls[n] AS calls, u.used_prompt_tokens[n] AS prompt_tokens,
           u.used_completion_tokens[n] AS completion_tokens, u.used_usd[n] AS usd, u.used_unpriced[n] AS unpriced, true AS beside, u.used_samples[n] AS judged
    UNION ALL
    WITH u WHERE u.step = 'instructions' AND (u.state <> 'done' OR u.accepted IS NULL)
    MATCH (i:Instruction {unit_id: u.id})
    RETURN count(i) AS samples, sum(i.calls) AS calls, sum(i.prompt_tokens) AS prompt_tokens,
           sum(i.completion_tokens) AS completion_tokens,
           sum(coalesce(i.question_cost_usd, 0.0) + coalesce(i.answer_cost_usd, 0.0)) AS usd,
           sum(CASE WHEN i.calls > 0 AND i.cost_usd IS NULL THEN 1 ELSE 0 END) AS unpriced, false AS beside, 0 AS judged
    UNION ALL
    WITH u WHERE u.step = 'instructions' AND (u.state <> 'done' OR u.accepted IS NULL)
    MATCH (i:Instruction {unit_id: u.id})-[:HAS_VERDICT|HAS_DRAFT]->(o)
    WHERE o:Verdict OR o.kind = 'refined'
    RETURN 0 AS samples, o.calls AS calls, o.prompt_tokens AS prompt_tokens, o.completion_tokens AS completion_tokens,
           coalesce(o.cost_usd, 0.0) AS usd, CASE WHEN o.calls > 0 AND o.cost_usd IS NULL THEN 1 ELSE 0 END AS unpriced, true AS beside, 1 AS judged
  }
  // What is counted at a judge and at its instructions is left out of the judge's.
  UNWIND CASE WHEN beside THEN [u.branch_id, null] ELSE [u.branch_id] END AS branch
  WITH branch, samples, calls, prompt_tokens, completion_tokens, usd, unpriced, CASE WHEN branch IS NULL THEN 0 ELSE judged END AS judged,
       CASE WHEN branch IS NULL THEN -1 ELSE 1 END AS times
  RETURN branch, samples * times AS samples, calls * times AS calls, prompt_tokens * times AS prompt_tokens,
         completion_tokens * times AS completion_tokens, usd * times AS usd, unpriced * times AS unpriced, judged
  UNION ALL
  MATCH (j)-[:HAS_JUDGE]->(g:Judge)
  RETURN null AS branch, toInteger(g.counts[0] + g.counts[2]) AS samples, toInteger(g.counts[9]) AS calls,
         toInteger(g.counts[10]) AS prompt_tokens, toInteger(g.counts[11]) AS completion_tokens,
         g.counts[12] AS usd, toInteger(g.counts[13]) AS unpriced, 0 AS judged
}
WITH branch, sum(samples) AS samples, sum(calls) AS calls, sum(prompt_tokens) AS prompt_tokens,
     sum(completion_tokens) AS completion_tokens, sum(usd) AS usd, sum(unpriced) AS unpriced, sum(judged) AS judged
WHERE branch IS NOT NULL OR calls > 0
OPTIONAL MATCH (b:TaxonomyNode {id: branch})
RETURN branch AS id, b.name AS discipline, samples, calls, prompt_tokens, completion_tokens,
       CASE WHEN unpriced < samples + judged THEN usd END AS usd, unpriced AS without_price
ORDER BY usd DESC, id
