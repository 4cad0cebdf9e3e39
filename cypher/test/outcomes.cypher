// What came of the questions of a test run, in the order of its units, with their disciplines and fields.
// access: read
// $job_id string: the run's job
// $after string: the cursor, empty at the start
// $limit integer: maximum number of rows
// example: {"job_id": "0190", "after": "", "limit": 100}
MATCH (u:WorkUnit)
WHERE u.job_id = $job_id AND u.branch_id IS NOT NULL AND u.step = 'pairs' AND u.state IN ['done', 'failed', 'pending'] AND u.node_id IS NOT NULL AND u.id > $after
WITH u ORDER BY u.id LIMIT $limit
OPTIONAL MATCH (d:TaxonomyNode {id: u.branch_id})
RETURN u.id AS id, u.state AS state, u.outcome AS outcome, u.marks AS marks, u.lengths AS lengths, u.reason AS reason,
       coalesce(d.name, u.branch_id) AS discipline,
       COLLECT { MATCH (f:Field) (()-[:CONTAINS]->())+ (d) RETURN DISTINCT f.name ORDER BY f.name }[0] AS field
ORDER BY id
