// What a list of names of fields, sub-fields or disciplines took in some jobs, on average, with its spread.
// access: read
// $job_ids list: the jobs
// $limit integer: maximum number of lists of a job
// example: {"job_ids": ["0190"], "limit": 200}
UNWIND $job_ids AS job_id
MATCH (j:Job {id: job_id})
CALL (j) {
  MATCH (u:WorkUnit {job_id: j.id, branch_id: j.root_id, step: 'taxonomy'})
  USING INDEX u:WorkUnit(job_id, branch_id, step, state, node_id)
  WHERE u.state IN ['done', 'failed'] AND u.node_id IS NOT NULL AND u.calls > 0
  RETURN u LIMIT $limit
}
RETURN count(u) AS samples, avg(u.calls) AS calls,
       avg(u.prompt_tokens) AS prompt_tokens, stDev(u.prompt_tokens) AS prompt_spread,
       avg(u.completion_tokens) AS completion_tokens, stDev(u.completion_tokens) AS completion_spread,
       avg(CASE WHEN u.unpriced > 0 THEN null ELSE u.cost_usd END) AS usd
