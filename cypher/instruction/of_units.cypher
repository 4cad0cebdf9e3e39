// What some work units have stored so far.
// access: read
// $unit_ids list: the work units
// example: {"unit_ids": ["00"]}
UNWIND $unit_ids AS unit_id
MATCH (i:Instruction {unit_id: unit_id})
RETURN i.unit_id AS unit_id, i.id AS id, i.status AS status, i.question AS question, i.language AS language, i.reason AS reason, i.detail AS detail, i.concepts AS concepts,
       coalesce(i.question_calls, i.calls) AS calls, coalesce(i.question_prompt_tokens, i.prompt_tokens) AS prompt_tokens,
       coalesce(i.question_completion_tokens, i.completion_tokens) AS completion_tokens,
       i.question_cost_usd AS question_cost_usd,
       coalesce(i.again, 0) AS again, i.text_key IS NOT NULL AND i.checked IS NOT NULL AS kept, i.answer_calls IS NOT NULL AS answered,
       CASE WHEN i.status = 'asked' THEN i.answer END AS answer, i.awaits AS awaits,
       [coalesce(i.answer_calls, 0), coalesce(i.answer_prompt_tokens, 0), coalesce(i.answer_completion_tokens, 0), i.answer_cost_usd] AS answer_use,
       COLLECT {
         MATCH (i)-[:HAS_DRAFT]->(d:Draft) WHERE i.status = 'asked'
         RETURN d {.number, .kind, .text, .final, .reason} ORDER BY d.kind, d.number
       } AS drafts,
       COLLECT {
         MATCH (i)-[:HAS_VERDICT]->(v:Verdict) WHERE i.status = 'asked' AND v.part IN ['critique', 'pair']
         RETURN v {.part, .order, .verdict, .why, .flaws, .scores} ORDER BY v.id
       } AS opinions,
       i.status = 'asked' AND EXISTS { (i)-[:HAS_VERDICT]->(:Verdict {part: 'question'}) } AS judged,
       coalesce(i.checked, []) AS checked, i.drawn_names[size(i.sessions)..] AS names
