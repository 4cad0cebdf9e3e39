// Kept questions of a job that have no words yet by which later ones find them.
// access: read
// $job_id string: the job
// $limit integer: maximum number of rows
// example: {"job_id": "0190", "limit": 500}
MATCH (i:Instruction)-[:PRODUCED_BY]->(:Job {id: $job_id})
// What is not compared yet gets them when it is: until then nothing is found to be like it.
WHERE i.text_key IS NOT NULL AND i.words IS NULL AND i.checked IS NOT NULL
WITH i LIMIT $limit
RETURN i.id AS id, i.question AS question
