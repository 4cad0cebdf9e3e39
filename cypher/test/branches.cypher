// The branches of the job of a test set, each with its name and how many questions of it are held.
// access: read
// $job_id string: the job
// example: {"job_id": "0190"}
MATCH (u:WorkUnit) WHERE u.job_id = $job_id AND u.branch_id IS NOT NULL AND u.step = 'draw' AND u.state IS NOT NULL AND u.node_id IS NOT NULL
WITH DISTINCT u.branch_id AS id
OPTIONAL MATCH (d:TaxonomyNode {id: id})
CALL (id) {
  MATCH (u:WorkUnit) WHERE u.job_id = $job_id AND u.branch_id = id AND u.step = 'instructions' AND u.state IS NOT NULL AND u.node_id IS NOT NULL
  MATCH (i:Instruction {unit_id: u.id}) WHERE i.status = 'held'
  RETURN count(i) AS held
}
RETURN id, coalesce(d.name, id) AS name, held ORDER BY id
