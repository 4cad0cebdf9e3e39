// How many lists of subjects some jobs paid for per discipline, and how many subjects it has since.
// access: read
// $job_ids list: the jobs
// $limit integer: maximum number of disciplines of a job
// example: {"job_ids": ["0190"], "limit": 200}
UNWIND $job_ids AS job_id
MATCH (:Job {id: job_id})-[:GROWS]->(root)
CALL (job_id, root) {
  MATCH (root) ((above WHERE NOT above:Discipline)-[:CONTAINS]->())* (d)
  WITH DISTINCT job_id, d WHERE d:Discipline
  WITH job_id, d LIMIT $limit
  MATCH (u:WorkUnit {job_id: job_id, branch_id: d.id, step: 'subjects', state: 'done'})
  USING INDEX u:WorkUnit(job_id, branch_id, step, state, node_id)
  WHERE u.node_id IS NOT NULL AND u.calls > 0
  RETURN d, count(u) AS lists
}
WITH d, sum(lists) AS lists
WITH lists, COUNT { (d)-[:CONTAINS]->(:Subject) } AS subjects
RETURN count(*) AS disciplines, avg(lists) AS lists, avg(subjects) AS subjects,
       min(subjects) AS fewest, max(subjects) AS most
