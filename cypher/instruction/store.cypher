// Stores instructions by their ids, so that storing one twice changes nothing, with links to where they came from.
// access: write
// $job_id string: the job that produced them
// $rows list: maps of properties (id and status among them), sessions and concepts (lists of ids, empty where linked already)
MATCH (j:Job {id: $job_id})
UNWIND $rows AS row
MERGE (i:Instruction {id: row.properties.id})
  ON CREATE SET i.created_at = datetime()
SET i += row.properties, i.updated_at = datetime()
MERGE (i)-[:PRODUCED_BY]->(j)
WITH i, row
CALL (i, row) {
  UNWIND range(0, size(row.sessions) - 1) AS n
  MATCH (s:TaxonomyNode {id: row.sessions[n]})
  MERGE (i)-[d:DRAWN_FROM]->(s) SET d.position = n
}
CALL (i, row) {
  WITH i, row WHERE i.status = 'accepted'
  UNWIND row.concepts AS id
  MATCH (k:TaxonomyNode {id: id})
  MERGE (i)-[:COVERS]->(k)
}
RETURN count(i) AS stored
