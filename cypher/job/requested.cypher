// How many instructions some jobs are asked to make.
// access: read
// $ids list: the jobs
// example: {"ids": ["0190"]}
UNWIND $ids AS id
MATCH (j:Job {id: id})
RETURN id, j.requested AS requested
