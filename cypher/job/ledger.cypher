// What became of the instructions of some jobs and what they used: the counts of ended units, and those still running counted now; `torn` instructions were changed while they were read.
// access: read
// $ids list: the jobs
// example: {"ids": ["0190"]}
UNWIND $ids AS id
CALL (id) {
  MATCH (:Job {id: id})-[:HAS_UNIT]->(u:WorkUnit {step: 'instructions'})
  // One property, asked for once: a unit that ends while this is read is counted in one way or the other.
  WITH u, u.counts AS counts
  CALL (u, counts) {
    WITH counts WHERE counts IS NOT NULL
    RETURN counts[0] AS accepted, counts[1] AS rejected, counts[2] AS failed, 0.0 AS asked, counts[3] AS calls, counts[4] AS question_calls,
           counts[5] AS question_tokens, counts[6] AS answer_tokens, counts[7] AS question_usd, counts[8] AS answer_usd,
           counts[9] AS unpriced, coalesce(counts[10], 0.0) AS again, 0 AS torn
    UNION ALL
    WITH u, counts WHERE counts IS NULL
    MATCH (i:Instruction {unit_id: u.id})
    WITH i {.status, .again, .calls, .question_calls, .answer_calls, .prompt_tokens, .question_prompt_tokens, .answer_prompt_tokens, .completion_tokens,
            .question_completion_tokens, .answer_completion_tokens, .question_cost_usd, .answer_cost_usd, .cost_usd, .awaits} AS i
    RETURN sum(CASE WHEN i.status IN ['accepted', 'stale', 'withdrawn', 'held'] THEN 1.0 ELSE 0.0 END) AS accepted,
           sum(CASE WHEN i.status = 'rejected' THEN 1.0 ELSE 0.0 END) AS rejected,
           sum(CASE WHEN i.status = 'failed' THEN 1.0 ELSE 0.0 END) AS failed,
           sum(CASE WHEN i.status = 'asked' THEN 1.0 ELSE 0.0 END) AS asked,
           sum(coalesce(i.calls, 0)) AS calls, sum(coalesce(i.question_calls, 0)) AS question_calls,
           sum(coalesce(i.question_prompt_tokens, 0) + coalesce(i.question_completion_tokens, 0)) AS question_tokens,
           sum(coalesce(i.answer_prompt_tokens, 0) + coalesce(i.answer_completion_tokens, 0)) AS answer_tokens,
           sum(coalesce(i.question_cost_usd, 0.0)) AS question_usd, sum(coalesce(i.answer_cost_usd, 0.0)) AS answer_usd,
           sum(CASE WHEN i.calls > 0 AND i.cost_usd IS NULL THEN 1 ELSE 0 END) AS unpriced,
           sum(CASE WHEN i.again > 0 THEN 1.0 ELSE 0.0 END) AS again,
           sum(CASE
             WHEN i.calls <> coalesce(i.question_calls, 0) + coalesce(i.answer_calls, 0)
               OR i.prompt_tokens <> coalesce(i.question_prompt_tokens, 0) + coalesce(i.answer_prompt_tokens, 0)
               OR i.completion_tokens <> coalesce(i.question_completion_tokens, 0) + coalesce(i.answer_completion_tokens, 0)
               OR i.status = 'asked' AND i.answer_calls IS NOT NULL AND i.awaits IS NULL
               OR i.status = 'accepted' AND i.question_calls IS NOT NULL AND i.answer_calls IS NULL
             THEN 1 ELSE 0 END) AS torn
  }
  RETURN toInteger(sum(accepted)) AS accepted, toInteger(sum(rejected)) AS rejected, toInteger(sum(failed)) AS failed, toInteger(sum(asked)) AS asked, toInteger(sum(again)) AS again,
         toInteger(sum(calls)) AS calls, toInteger(sum(question_calls)) AS question_calls,
         toInteger(sum(question_tokens)) AS question_tokens, toInteger(sum(answer_tokens)) AS answer_tokens,
         sum(question_usd) AS question_usd, sum(answer_usd) AS answer_usd, toInteger(sum(unpriced)) AS unpriced, sum(torn) AS torn
}
RETURN id, accepted, rejected, failed, asked, again, calls, question_calls, question_tokens, answer_tokens, question_usd, answer_usd, unpriced, torn
