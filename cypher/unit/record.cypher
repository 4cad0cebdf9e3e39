// Changes a unit: what a call gave, or that it is done.
// access: write
// $id string: the unit
// $changes map: properties to set
// $calls integer: calls made since the last time
// $prompt_tokens integer: their tokens in
// $completion_tokens integer: their tokens out
// $usd float or null: their cost; null where the price is not known
MATCH (u:WorkUnit {id: $id})
SET u += $changes, u.updated_at = datetime(), u.calls = coalesce(u.calls, 0) + $calls,
    u.prompt_tokens = coalesce(u.prompt_tokens, 0) + $prompt_tokens,
    u.completion_tokens = coalesce(u.completion_tokens, 0) + $completion_tokens,
    u.cost_usd = coalesce(u.cost_usd, 0.0) + coalesce($usd, 0.0),
    u.unpriced = coalesce(u.unpriced, 0) + CASE WHEN $usd IS NULL THEN $calls ELSE 0 END
// What the ledger reads, in one property: nobody sees half of it.
SET u.spent = [toFloat(u.calls), toFloat(u.prompt_tokens + u.completion_tokens), toFloat(u.cost_usd), toFloat(u.unpriced)]
