// The failed units of a job that have a kept reply: lists of names or of subjects, and syllabi.
// access: read
// $job_id string: the job
// $reasons list: reasons that lie in a reply
// example: {"job_id": "0190", "reasons": ["malformed"]}
MATCH (:Job {id: $job_id})-[:HAS_UNIT]->(u:WorkUnit {state: 'failed'})
WHERE u.step IN ['taxonomy', 'subjects', 'syllabi'] AND u.reason IN $reasons AND u.raw IS NOT NULL
RETURN u.id AS id ORDER BY id
