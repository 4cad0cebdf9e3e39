// What some work units have stored so far.
// access: read
// $unit_ids list: the work units
// example: {"unit_ids": ["00"]}
UNWIND $unit_ids AS unit_id
MATCH (i:Instruction {unit_id: unit_id})
RETURN i.unit_id AS unit_id, i.id AS id, i.status AS status, i.question AS question, i.language AS language, i.reason AS reason, i.detail AS detail, i.concepts AS concepts,
       i.calls AS calls, i.prompt_tokens AS prompt_tokens, i.completion_tokens AS completion_tokens,
       i.question_cost_usd AS question_cost_usd,
       coalesce(i.again, 0) AS again, i.text_key IS NOT NULL AS kept, i.answer_calls IS NOT NULL AS answered,
       CASE WHEN i.status = 'asked' THEN i.answer END AS answer,
       i.status = 'asked' AND EXISTS { (i)-[:HAS_VERDICT]->(:Verdict {part: 'question'}) } AS judged,
       coalesce(i.checked, []) AS checked, i.drawn_names[size(i.sessions)..] AS names
