// Gives units that ended under an earlier glan what the ledger reads in one property.
// access: schema
// $limit integer: how many at once
MATCH (u:WorkUnit) WHERE u.state = 'done' AND u.step = 'instructions' AND u.accepted IS NOT NULL AND u.counts IS NULL
WITH u LIMIT $limit
SET u.counts = [toFloat(u.accepted), toFloat(u.rejected), toFloat(u.failed), toFloat(coalesce(u.calls, 0)), toFloat(coalesce(u.question_calls, 0)),
                toFloat(coalesce(u.question_tokens, 0)), toFloat(coalesce(u.answer_tokens, 0)), toFloat(coalesce(u.question_usd, 0.0)),
                toFloat(coalesce(u.answer_usd, 0.0)), toFloat(coalesce(u.unpriced, 0))]
RETURN count(u) AS changed
