// What a node and everything below it have cost so far, by step, over all jobs; an instruction, with what judged and refined it, counts at the syllabus it was drawn for. Samples whose verdict is known, by which judges are tried, count nowhere.
// access: read
// $id string: the node
// example: {"id": "0190"}
MATCH (top:TaxonomyNode {id: $id})
CALL (top) {
  MATCH (top) ((above WHERE NOT above:Subject)-[:CONTAINS]->())* (b)
  WITH DISTINCT top, b WHERE b:Discipline OR b:Subject
  // A job has its units by branches: disciplines, or the one subject it was given.
  MATCH (d)-[:CONTAINS*0..1]->(b) WHERE d = b OR (b = top AND d:Discipline)
  MATCH (j)-[:GROWS]->()-[:CONTAINS*0..]->(d)
  WITH DISTINCT b, d, j
  UNWIND ['subjects', 'syllabi'] AS wanted
  MATCH (u:WorkUnit {job_id: j.id, branch_id: d.id, step: wanted})
  USING INDEX u:WorkUnit(job_id, branch_id, step, state, node_id)
  WHERE u.calls > 0 AND u.state IS NOT NULL AND u.node_id IS NOT NULL AND (d = b OR u.node_id = b.id)
  WITH DISTINCT u
  RETURN u.step AS step, 1 AS samples, u.calls AS calls, u.prompt_tokens AS prompt_tokens,
         u.completion_tokens AS completion_tokens, u.cost_usd AS usd, sign(u.unpriced) AS unpriced
  UNION ALL
  // Lists of names are asked for at nodes above disciplines.
  MATCH (top) ((above WHERE NOT above:Discipline)-[:CONTAINS]->())* (p)
  WITH DISTINCT p WHERE p:Taxonomy OR p:Field OR p:Subfield
  MATCH (u:WorkUnit {node_id: p.id}) WHERE u.step = 'taxonomy' AND u.calls > 0
  RETURN u.step AS step, 1 AS samples, u.calls AS calls, u.prompt_tokens AS prompt_tokens,
         u.completion_tokens AS completion_tokens, u.cost_usd AS usd, sign(u.unpriced) AS unpriced
  UNION ALL
  MATCH (top) ((above WHERE NOT above:Syllabus)-[:CONTAINS]->())* (y)
  WITH DISTINCT y WHERE y:Syllabus
  // Jobs at their end name the syllabus as it was before it was merged.
  UNWIND [y.id] + COLLECT { MATCH (merged:Alias)-[:OF]->(y) RETURN merged.id } AS id
  MATCH (u:WorkUnit {node_id: id}) WHERE u.step = 'instructions'
  CALL (u) {
    // An ended unit has counted its instructions.
    WITH u WHERE u.state = 'done' AND u.used_steps IS NOT NULL
    UNWIND range(0, size(u.used_steps) - 1) AS n
    RETURN u.used_steps[n] AS step, u.used_samples[n] AS samples, u.used_calls[n] AS calls,
           u.used_prompt_tokens[n] AS prompt_tokens, u.used_completion_tokens[n] AS completion_tokens,
           u.used_usd[n] AS usd, u.used_unpriced[n] AS unpriced
    UNION ALL
    WITH u WHERE u.state <> 'done' OR u.used_steps IS NULL
    MATCH (i:Instruction {unit_id: u.id})
    UNWIND [
      ['questions', i.question_calls, i.question_prompt_tokens, i.question_completion_tokens, i.question_cost_usd],
      ['answers', i.calls - i.question_calls, i.answer_prompt_tokens, i.answer_completion_tokens, i.answer_cost_usd]
    ] + COLLECT {
      MATCH (i)-[:HAS_VERDICT]->(v:Verdict)
      RETURN [CASE v.part WHEN 'question' THEN 'judge_questions' WHEN 'answer' THEN 'judge_answers' WHEN 'pair' THEN 'judge_pairs' ELSE 'critiques' END, v.calls, v.prompt_tokens, v.completion_tokens, v.cost_usd]
    } + COLLECT {
      MATCH (i)-[:HAS_DRAFT]->(d:Draft {kind: 'refined'})
      RETURN ['refinements', d.calls, d.prompt_tokens, d.completion_tokens, d.cost_usd]
    } AS use
    WITH use WHERE use[2] IS NOT NULL
    RETURN use[0] AS step, 1 AS samples, use[1] AS calls, use[2] AS prompt_tokens, use[3] AS completion_tokens,
           toFloat(use[4]) AS usd, CASE WHEN use[4] IS NULL THEN 1 ELSE 0 END AS unpriced
  }
  RETURN step, samples, calls, prompt_tokens, completion_tokens, usd, unpriced
  UNION ALL
  WITH top WHERE top:ClassSession
  MATCH (top)<-[:DRAWN_FROM]-(i:Instruction)
  UNWIND [
    ['questions', i.question_calls, i.question_prompt_tokens, i.question_completion_tokens, i.question_cost_usd],
    ['answers', i.calls - i.question_calls, i.answer_prompt_tokens, i.answer_completion_tokens, i.answer_cost_usd]
  ] + COLLECT {
    MATCH (i)-[:HAS_VERDICT]->(v:Verdict)
    RETURN [CASE v.part WHEN 'question' THEN 'judge_questions' WHEN 'answer' THEN 'judge_answers' WHEN 'pair' THEN 'judge_pairs' ELSE 'critiques' END, v.calls, v.prompt_tokens, v.completion_tokens, v.cost_usd]
  } + COLLECT {
    MATCH (i)-[:HAS_DRAFT]->(d:Draft {kind: 'refined'})
    RETURN ['refinements', d.calls, d.prompt_tokens, d.completion_tokens, d.cost_usd]
  } AS use
  WITH use WHERE use[2] IS NOT NULL
  RETURN use[0] AS step, 1 AS samples, use[1] AS calls, use[2] AS prompt_tokens, use[3] AS completion_tokens,
         toFloat(use[4]) AS usd, CASE WHEN use[4] IS NULL THEN 1 ELSE 0 END AS unpriced
}
WITH step, sum(samples) AS samples, sum(calls) AS calls, sum(prompt_tokens) AS prompt_tokens,
     sum(completion_tokens) AS completion_tokens, sum(usd) AS usd, sum(unpriced) AS without_price
RETURN step, samples, calls, prompt_tokens, completion_tokens,
       CASE WHEN without_price < samples THEN usd END AS usd, without_price
ORDER BY usd DESC, step
