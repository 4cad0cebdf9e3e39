// Stores work units of a job; an existing one stays as it is.
// access: write
// $job_id string: the job
// $rows list: maps of id, branch_id, step, node_id and what the step needs
MATCH (j:Job {id: $job_id})
UNWIND $rows AS row
MERGE (u:WorkUnit {id: row.id})
  ON CREATE SET u += row, u.job_id = $job_id, u.state = 'pending', u.created_at = datetime()
MERGE (j)-[:HAS_UNIT]->(u)
