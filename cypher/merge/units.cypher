// Has the work units of jobs that wait name the nodes that others were merged into.
// access: write
// $jobs list: ids of the jobs
// $pairs list: maps of old and new, ids of nodes
UNWIND $pairs AS pair
MATCH (a:TaxonomyNode {id: pair.old})<-[:CONTAINS*0..]-(x)
WHERE x:Discipline OR x:Subject OR x:Syllabus
WITH DISTINCT pair, x.id AS branch_id
UNWIND $jobs AS job_id
MATCH (u:WorkUnit)
WHERE u.job_id = job_id AND u.branch_id = branch_id AND u.step IS NOT NULL AND u.state IS NOT NULL AND u.node_id IS NOT NULL
  AND (u.node_id = pair.old OR branch_id = pair.old)
SET u.node_id = CASE u.node_id WHEN pair.old THEN pair.new ELSE u.node_id END,
    u.branch_id = CASE branch_id WHEN pair.old THEN pair.new ELSE branch_id END
