// Withdraws instructions that are accepted, unless a person has waived that, and keeps what they were; returns which, and their disciplines.
// access: write
// $batch map: rows, maps of id and reason; check_id, the check that withdraws them
UNWIND $batch.rows AS row
MATCH (i:Instruction {id: row.id})
// Read under the lock.
SET i.updated_at = i.updated_at + duration('PT0S')
WITH i, row WHERE i.status = 'accepted' AND i.waived_by IS NULL
// The names are compared when it is restored: edits pass over what is withdrawn.
WITH i, row, COLLECT {
  WITH i.sessions + i.concepts AS ids
  UNWIND range(0, size(ids) - 1) AS n
  MATCH (o:TaxonomyNode {id: ids[n]})
  RETURN o.name ORDER BY n
} AS names
SET i.before = [i.status, coalesce(i.reason, ''), coalesce(i.text_key, ''), coalesce(i.words, '')], i.drawn_names = names
SET i.status = 'withdrawn', i.reason = row.reason, i.withdrawn_by = $batch.check_id, i.withdrawn_at = datetime(),
    i.updated_at = datetime(), i.text_key = null, i.words = null
WITH i
CALL (i) {
  MATCH (i)-[c:COVERS]->(k)
  MERGE (i)-[:COVERED]->(k)
  DELETE c
}
OPTIONAL MATCH (d:Discipline)-[:CONTAINS]->(:Subject)-[:CONTAINS]->(:Syllabus)-[:CONTAINS]->(:ClassSession)<-[:DRAWN_FROM]-(i)
RETURN collect(DISTINCT i.id) AS ids, collect(DISTINCT d.id) AS disciplines
