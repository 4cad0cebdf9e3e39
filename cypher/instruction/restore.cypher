// Makes withdrawn instructions what they were, or stale where an edit has changed what they were made from since; returns which, with the keys and words they had, and their disciplines.
// access: write
// $batch map: ids of instructions; check_id, null: whoever withdrew them
UNWIND $batch.ids AS id
MATCH (i:Instruction {id: id})
// Read under the lock.
SET i.updated_at = i.updated_at + duration('PT0S')
WITH i WHERE i.status = 'withdrawn' AND ($batch.check_id IS NULL OR i.withdrawn_by = $batch.check_id)
OPTIONAL CALL (i) {
  UNWIND range(0, size(i.sessions) - 1) AS n
  OPTIONAL MATCH (s:TaxonomyNode {id: i.sessions[n]})
  RETURN CASE
    WHEN s IS NULL THEN 'ClassSession removed: ' + i.drawn_names[n]
    WHEN s.status = 'retired' THEN 'ClassSession retired: ' + s.name
    WHEN s.name <> i.drawn_names[n] THEN 'ClassSession renamed or merged: ' + i.drawn_names[n]
    WHEN NOT EXISTS { (s)<-[:CONTAINS]-(y:Syllabus) WHERE y.id IN [i.syllabus_id, i.partner_id] } THEN s.name + ' left its Syllabus'
  END AS reason
  UNION ALL
  UNWIND range(0, size(i.concepts) - 1) AS n
  WITH i, i.concepts[n] AS id, i.drawn_names[size(i.sessions) + n] AS name
  OPTIONAL MATCH (k:TaxonomyNode {id: id})
  RETURN CASE
    WHEN k IS NULL THEN 'KeyConcept removed: ' + name
    WHEN k.status = 'retired' THEN 'KeyConcept retired: ' + k.name
    WHEN k.name <> name THEN 'KeyConcept renamed or merged: ' + name
    WHEN NOT EXISTS { (k)<-[:CONTAINS]-(s:ClassSession) WHERE s.id IN i.sessions } THEN k.name + ' left its ClassSession'
  END AS reason
}
WITH i, collect(reason)[0] AS outdated
WITH i, outdated, i.before AS before
SET i.status = CASE WHEN outdated IS NULL THEN before[0] ELSE 'stale' END,
    i.reason = coalesce(outdated, CASE WHEN before[1] <> '' THEN before[1] END),
    // Whoever keeps a copy by the times of changes gets it again.
    i.updated_at = datetime(),
    i.before = null, i.drawn_names = null, i.withdrawn_by = null, i.withdrawn_at = null
WITH i, before
CALL (i) {
  WITH i WHERE i.status = 'accepted'
  MATCH (i)-[c:COVERED]->(k)
  MERGE (i)-[:COVERS]->(k)
  DELETE c
}
OPTIONAL MATCH (d:Discipline)-[:CONTAINS]->(:Subject)-[:CONTAINS]->(:Syllabus)-[:CONTAINS]->(:ClassSession)<-[:DRAWN_FROM]-(i)
RETURN collect(DISTINCT {id: i.id, key: before[2], words: before[3]}) AS restored, collect(DISTINCT d.id) AS disciplines
