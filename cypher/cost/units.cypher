// What a list of subjects or a syllabus took in some jobs, on average, with its spread.
// access: read
// $job_ids list: the jobs
// $step string: subjects or syllabi
// $limit integer: maximum number of units of a job
// example: {"job_ids": ["0190"], "step": "syllabi", "limit": 200}
UNWIND $job_ids AS job_id
MATCH (:Job {id: job_id})-[:GROWS]->(root)
CALL (job_id, root) {
  // By its branches, because only with them the index finds the few units of a step among all of a job.
  MATCH (root) ((above WHERE NOT (above:Discipline OR above:Subject))-[:CONTAINS]->())* (b)
  WITH DISTINCT job_id, b WHERE b:Discipline OR b:Subject OR b:Syllabus
  WITH job_id, b LIMIT 200
  MATCH (u:WorkUnit {job_id: job_id, branch_id: b.id, step: $step})
  USING INDEX u:WorkUnit(job_id, branch_id, step, state, node_id)
  WHERE u.state IN ['done', 'failed'] AND u.node_id IS NOT NULL AND u.calls > 0
  RETURN u LIMIT $limit
}
RETURN count(u) AS samples, avg(u.calls) AS calls,
       avg(u.prompt_tokens) AS prompt_tokens, stDev(u.prompt_tokens) AS prompt_spread,
       avg(u.completion_tokens) AS completion_tokens, stDev(u.completion_tokens) AS completion_spread,
       avg(CASE WHEN u.unpriced > 0 THEN null ELSE u.cost_usd END) AS usd
