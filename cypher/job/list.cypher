// The jobs, the newest first, each with what became of its instructions, its units by step, and its reasons, as job.ledger, job.steps and job.reasons have them.
// access: read
// $states list or null: only in these states
// $spec_key string or null: only with this digest of the spec
// $before string: the cursor, a large string at the start
// $limit integer: at most so many
// example: {"states": null, "spec_key": null, "before": "~", "limit": 50}
MATCH (j:Job) WHERE j.id < $before AND ($states IS NULL OR j.state IN $states)
  AND ($spec_key IS NULL OR j.spec_key = $spec_key)
// The state is read before the counts, and what is requested, which only grows, after them.
WITH j, j.state AS state ORDER BY j.id DESC LIMIT $limit
CALL (j) {
  MATCH (j)-[:HAS_UNIT]->(u:WorkUnit {step: 'instructions'})
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
  WITH sum(accepted) AS accepted, sum(rejected) AS rejected, sum(failed) AS failed, sum(asked) AS asked,
       sum(calls) AS calls, sum(question_calls) AS question_calls,
       sum(question_tokens) AS question_tokens, sum(answer_tokens) AS answer_tokens,
       sum(question_usd) AS question_usd, sum(answer_usd) AS answer_usd, sum(unpriced) AS unpriced
  RETURN {
    accepted: accepted, rejected: rejected, failed: failed, asked: asked, calls: calls, question_calls: question_calls,
    question_tokens: question_tokens, answer_tokens: answer_tokens, question_usd: question_usd,
    answer_usd: answer_usd, unpriced: unpriced
  } AS ledger
}
CALL (j) {
  MATCH (j)-[:HAS_UNIT]->(u:WorkUnit)
  WITH u.step AS step, u.state AS state, count(*) AS units,
         sum(CASE u.step WHEN 'instructions' THEN 0 ELSE coalesce(u.calls, 0) END) AS calls,
         sum(CASE u.step WHEN 'instructions' THEN 0 ELSE coalesce(u.prompt_tokens, 0) + coalesce(u.completion_tokens, 0) END) AS tokens,
         sum(CASE u.step WHEN 'instructions' THEN 0.0 ELSE coalesce(u.cost_usd, 0.0) END) AS usd,
         sum(CASE u.step WHEN 'instructions' THEN 0 ELSE coalesce(u.unpriced, 0) END) AS unpriced
  RETURN collect({step: step, state: state, units: units, calls: calls, tokens: tokens, usd: usd, unpriced: unpriced}) AS steps
}
CALL (j) {
  CALL (j) {
    MATCH (i:Instruction) WHERE i.job_id = j.id AND i.reason IS NOT NULL AND i.status IN ['failed', 'rejected']
    WITH i.reason AS reason, i.status AS status, count(*) AS count, min(i.id) AS example
    MATCH (i:Instruction {id: example})
    RETURN reason, status, count, example, coalesce(i.detail, i.raw) AS text
    UNION ALL
    MATCH (j)-[:HAS_UNIT]->(u:WorkUnit {state: 'failed'})
    WITH u.reason AS reason, count(*) AS count, min(u.id) AS example
    MATCH (u:WorkUnit {id: example})
    RETURN reason, 'unit' AS status, count, example, coalesce(u.detail, u.raw) AS text
  }
  WITH reason, status, count, example, left(text, 300) AS text ORDER BY count DESC, reason
  RETURN collect({reason: reason, status: status, count: count, example: example, text: text}) AS reasons
}
RETURN j {.*, state: state, created_at: toString(j.created_at), started_at: toString(j.started_at), ended_at: toString(j.ended_at), lease_until: toString(j.lease_until)} AS job,
  coalesce(j.lease_until > datetime(), false) AS held, ledger, steps, reasons
ORDER BY job.id DESC
