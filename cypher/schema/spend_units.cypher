// Gives units of an earlier glan that grow the taxonomy what they used in one property.
// access: schema
// $limit integer: how many at once
MATCH (u:WorkUnit) WHERE u.step IN ['subjects', 'syllabi'] AND u.calls IS NOT NULL AND u.spent IS NULL
WITH u LIMIT $limit
SET u.spent = [toFloat(u.calls), toFloat(coalesce(u.prompt_tokens, 0) + coalesce(u.completion_tokens, 0)), toFloat(coalesce(u.cost_usd, 0.0)), toFloat(coalesce(u.unpriced, 0))]
RETURN count(u) AS changed
