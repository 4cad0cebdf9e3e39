// The instructions of a job that have no use yet for a reply that was paid for and kept.
// access: read
// $job_id string: the job
// $reasons list: reasons that lie in a reply
// example: {"job_id": "0190", "reasons": ["malformed"]}
MATCH (i:Instruction)
WHERE i.job_id = $job_id AND i.reason IN $reasons AND i.status IN ['failed', 'rejected'] AND i.raw IS NOT NULL
RETURN i.id AS id
