// What became of a job's instructions, counted, with the usage of each status.
// access: read
// $id string: the job
// example: {"id": "0190"}
MATCH (:Job {id: $id})<-[:PRODUCED_BY]-(i:Instruction)
RETURN i.status AS status, i.reason AS reason, count(*) AS instructions,
       sum(coalesce(i.calls, 0)) AS calls,
       sum(coalesce(i.prompt_tokens, 0) + coalesce(i.completion_tokens, 0)) AS tokens
