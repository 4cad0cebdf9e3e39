// Stores instructions by their ids, so that storing one twice changes nothing, with links to where they came from, and ends units in which nothing is left to do, with the counts of what they made.
// access: write
// $job_id string: the job that produced them; nothing is stored where another worker holds it
// $fence integer or null: our fencing number; null: whoever holds the job
// $batch map: rows, maps of properties (id and status among them) and sessions (a list of ids, empty where linked already); ended, ids of the units; now, their time of acceptance (ISO 8601) where it is known; figures, maps of id, figures and sums, what is then counted of locked disciplines
MATCH (j:Job {id: $job_id})
SET j.fence = j.fence + 0
WITH j WHERE $fence IS NULL OR j.fence = $fence
CALL (j) {
  UNWIND $batch.rows AS row
  MERGE (i:Instruction {id: row.properties.id})
    ON CREATE SET i.created_at = datetime()
  WITH j, i, row WHERE i.status IS NULL OR NOT i.status IN ['accepted', 'stale', 'withdrawn', 'held']
  SET i += row.properties, i.updated_at = datetime(),
      i.accepted_at = CASE WHEN i.status = 'accepted' THEN coalesce(i.accepted_at, datetime($batch.now), datetime()) END
  MERGE (i)-[:PRODUCED_BY]->(j)
  WITH i, row
  CALL (i, row) {
    UNWIND range(0, size(row.sessions) - 1) AS n
    MATCH (s:TaxonomyNode {id: row.sessions[n]})
    MERGE (i)-[d:DRAWN_FROM]->(s) SET d.position = n
  }
  CALL (i) {
    WITH i WHERE i.status = 'accepted'
    UNWIND i.concepts AS id
    MATCH (k:TaxonomyNode {id: id})
    MERGE (i)-[:COVERS]->(k)
  }
  CALL (i) {
    WITH i WHERE i.status = 'stale'
    UNWIND i.concepts AS id
    MATCH (k:TaxonomyNode {id: id})
    MERGE (i)-[:COVERED]->(k)
  }
  RETURN count(i) AS stored
}
CALL (stored) {
  UNWIND $batch.ended AS id
  MATCH (u:WorkUnit {id: id})
  CALL (u) {
    MATCH (i:Instruction {unit_id: u.id})
    RETURN sum(CASE WHEN i.status IN ['accepted', 'stale', 'withdrawn', 'held'] THEN 1 ELSE 0 END) AS accepted,
           sum(CASE WHEN i.status = 'rejected' THEN 1 ELSE 0 END) AS rejected,
           sum(CASE WHEN i.status = 'failed' THEN 1 ELSE 0 END) AS failed,
           sum(coalesce(i.calls, 0)) AS calls, sum(coalesce(i.question_calls, 0)) AS question_calls,
           sum(coalesce(i.question_prompt_tokens, 0) + coalesce(i.question_completion_tokens, 0)) AS question_tokens,
           sum(coalesce(i.answer_prompt_tokens, 0) + coalesce(i.answer_completion_tokens, 0)) AS answer_tokens,
           sum(coalesce(i.prompt_tokens, 0)) AS prompt_tokens, sum(coalesce(i.completion_tokens, 0)) AS completion_tokens,
           sum(coalesce(i.question_cost_usd, 0.0)) AS question_usd, sum(coalesce(i.answer_cost_usd, 0.0)) AS answer_usd,
           sum(CASE WHEN i.calls > 0 AND i.cost_usd IS NULL THEN 1 ELSE 0 END) AS unpriced,
           sum(CASE WHEN i.again > 0 THEN 1 ELSE 0 END) AS again
  }
  CALL (u) {
    CALL (u) {
      MATCH (i:Instruction {unit_id: u.id})
      UNWIND [
        [i.question_model, 'questions', i.question_calls, i.question_prompt_tokens, i.question_completion_tokens, i.question_cost_usd],
        [i.answer_model, 'answers', i.calls - i.question_calls, i.answer_prompt_tokens, i.answer_completion_tokens, i.answer_cost_usd]
      ] AS use
      RETURN use
      UNION ALL
      MATCH (:Instruction {unit_id: u.id})-[:HAS_VERDICT]->(v:Verdict)
      RETURN [v.model, CASE v.part WHEN 'question' THEN 'judge_questions' WHEN 'answer' THEN 'judge_answers' WHEN 'pair' THEN 'judge_pairs' ELSE 'critiques' END, v.calls, v.prompt_tokens, v.completion_tokens, v.cost_usd] AS use
      UNION ALL
      MATCH (:Instruction {unit_id: u.id})-[:HAS_DRAFT]->(d:Draft {kind: 'refined'})
      RETURN [d.model, 'refinements', d.calls, d.prompt_tokens, d.completion_tokens, d.cost_usd] AS use
    }
    WITH use WHERE use[3] IS NOT NULL
    WITH coalesce(use[0], '') AS model, use[1] AS step, count(*) AS uses, sum(use[2]) AS made, sum(use[3]) AS tokens_in,
         sum(use[4]) AS tokens_out, sum(toFloat(use[5])) AS usd, count(*) - count(use[5]) AS no_price
    RETURN {models: collect(model), steps: collect(step), samples: collect(uses), calls: collect(made),
            prompt_tokens: collect(tokens_in), completion_tokens: collect(tokens_out),
            usd: collect(usd), unpriced: collect(no_price)} AS used
  }
  CALL (u) {
    MATCH (i:Instruction {unit_id: u.id}) WHERE i.status IN ['accepted', 'stale', 'withdrawn', 'held']
    UNWIND i.dials AS dial
    WITH dial, count(*) AS made ORDER BY dial
    RETURN collect(dial) AS dials, collect(made) AS dial_counts
  }
  SET u.state = 'done', u.updated_at = datetime(), u.accepted = accepted, u.rejected = rejected, u.failed = failed,
      u.calls = calls, u.question_calls = question_calls, u.question_tokens = question_tokens, u.answer_tokens = answer_tokens,
      u.prompt_tokens = prompt_tokens, u.completion_tokens = completion_tokens,
      // What the ledger reads, in one property: nobody sees half of it.
      u.counts = [toFloat(accepted), toFloat(rejected), toFloat(failed), toFloat(calls), toFloat(question_calls), toFloat(question_tokens),
                  toFloat(answer_tokens), toFloat(question_usd), toFloat(answer_usd), toFloat(unpriced), toFloat(again)],
      u.question_usd = question_usd, u.answer_usd = answer_usd, u.cost_usd = question_usd + answer_usd, u.unpriced = unpriced,
      u.used_models = used.models, u.used_steps = used.steps, u.used_samples = used.samples, u.used_calls = used.calls,
      u.used_prompt_tokens = used.prompt_tokens, u.used_completion_tokens = used.completion_tokens,
      u.used_usd = used.usd, u.used_unpriced = used.unpriced,
      u.dials = CASE WHEN dials = [] THEN null ELSE dials END, u.dial_counts = CASE WHEN dials = [] THEN null ELSE dial_counts END
  RETURN count(u) AS ended
}
CALL (j) {
  UNWIND $batch.figures AS row
  MATCH (r:Rollup {id: row.id})
  SET r.figures = row.figures, r.sums = row.sums
}
RETURN stored, ended
