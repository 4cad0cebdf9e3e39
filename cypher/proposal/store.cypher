// Stores proposals that are not there yet, opens those that were decided on other evidence, and says what became of each.
// access: write
// $rows list: maps of key, id, evidence_key, rank, properties, and about, a list of maps of id and role
UNWIND $rows AS row
MERGE (p:Proposal {key: row.key})
  ON CREATE SET p.id = row.id, p.state = 'new', p.evidence_key = ''
WITH row, p, CASE
  WHEN p.state IN ['new', 'open'] THEN p.state
  WHEN p.state IN ['rejected', 'applied'] AND p.evidence_key <> row.evidence_key THEN 'reopened'
  // It was back for a time, and is gone again.
  WHEN p.state = 'superseded' AND p.kind = 'remove' THEN 'reopened'
  ELSE p.state END AS outcome
CALL (row, p, outcome) {
  WITH row, p, outcome WHERE outcome = 'new'
  SET p += row.properties
  WITH row, p
  UNWIND row.about AS one
  MATCH (n:TaxonomyNode {id: one.id})
  MERGE (p)-[:ABOUT {role: one.role}]->(n)
}
CALL (row, p, outcome) {
  WITH row, p, outcome WHERE outcome = 'reopened' OR outcome IN ['new', 'open'] AND p.evidence_key <> row.evidence_key
  SET p.state = 'open', p.at = datetime(), p.refusal = null, p.decided_by = null, p.decided_at = null, p.comment = null, p.place = row.rank + p.id,
      p.evidence = row.properties.evidence, p.evidence_key = row.evidence_key, p.tier = row.properties.tier,
      p.score = row.properties.score, p.before = row.properties.before, p.text = row.properties.text
}
RETURN row.key AS key, p.id AS id, outcome
