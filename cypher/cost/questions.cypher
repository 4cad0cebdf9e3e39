// What a question took in some jobs, on average, with its spread.
// access: read
// $job_ids list: the jobs
// $limit integer: maximum number of instructions of a job
// example: {"job_ids": ["0190"], "limit": 200}
UNWIND $job_ids AS job_id
MATCH (j:Job {id: job_id})
CALL (j) {
  MATCH (j)<-[:PRODUCED_BY]-(i:Instruction)
  RETURN i LIMIT $limit
}
WITH i WHERE i.question_prompt_tokens > 0
RETURN count(i) AS samples, avg(i.question_calls) AS calls,
       avg(i.question_prompt_tokens) AS prompt_tokens, stDev(i.question_prompt_tokens) AS prompt_spread,
       avg(i.question_completion_tokens) AS completion_tokens,
       stDev(i.question_completion_tokens) AS completion_spread,
       avg(i.question_cost_usd) AS usd
