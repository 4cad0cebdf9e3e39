// Locks a job and what is counted of the disciplines in which instructions are about to be accepted; returns that, which of them are outdated and why, and what changes by the others: concepts with their number of instructions before and what comes on top, instructions, values of their dials, those that two disciplines share, and pairs of sessions a discipline.
// access: write
// $batch map: job_id; rows, maps of id, strategy, sessions, concepts and dials
OPTIONAL MATCH (j:Job {id: $batch.job_id})
SET j.fence = j.fence + 0
WITH count(j) AS jobs
CALL (jobs) {
  UNWIND $batch.rows AS row
  OPTIONAL MATCH (i:Instruction {id: row.id})
  WITH row, i WHERE i IS NULL OR NOT i.status IN ['accepted', 'stale', 'withdrawn']
  RETURN collect({
    id: row.id, strategy: coalesce(i.strategy, row.strategy), syllabi: [i.syllabus_id, i.partner_id], names: i.drawn_names,
    sessions: coalesce(i.sessions, row.sessions), concepts: coalesce(i.concepts, row.concepts), dials: coalesce(i.dials, row.dials)
  }) AS found
}
CALL (found) {
  CALL (found) {
    UNWIND found AS row
    UNWIND row.sessions AS session
    WITH DISTINCT session
    MATCH (d:Discipline)-[:CONTAINS]->(:Subject)-[:CONTAINS]->(:Syllabus)-[:CONTAINS]->(:TaxonomyNode {id: session})
    RETURN d.id AS id
    UNION
    UNWIND found AS row
    UNWIND row.concepts AS concept
    WITH DISTINCT concept
    MATCH (k:TaxonomyNode {id: concept})
    WITH DISTINCT k.home AS home
    MATCH (d:TaxonomyNode {id: home}) WHERE d:Discipline
    RETURN d.id AS id
  }
  WITH DISTINCT id ORDER BY id
  MERGE (r:Rollup {id: id})
  SET r.held = true
  RETURN collect(r {.id, .figures, shares: COLLECT { MATCH (r)-[:SHARES]-(o) RETURN o.id }}) AS rollups
}
CALL (found) {
  UNWIND found AS row
  OPTIONAL CALL (row) {
    WITH row WHERE row.names IS NOT NULL
    UNWIND range(0, size(row.sessions) - 1) AS n
    OPTIONAL MATCH (s:TaxonomyNode {id: row.sessions[n]})
    RETURN CASE
      WHEN s IS NULL THEN 'ClassSession removed: ' + row.names[n]
      WHEN s.status = 'retired' THEN 'ClassSession retired: ' + s.name
      WHEN s.name <> row.names[n] THEN 'ClassSession renamed or merged: ' + row.names[n]
      WHEN NOT EXISTS { (s)<-[:CONTAINS]-(y:Syllabus) WHERE y.id IN row.syllabi } THEN s.name + ' left its Syllabus'
    END AS reason
    UNION ALL
    WITH row WHERE row.names IS NOT NULL
    UNWIND range(0, size(row.concepts) - 1) AS n
    WITH row, row.concepts[n] AS id, row.names[size(row.sessions) + n] AS name
    OPTIONAL MATCH (k:TaxonomyNode {id: id})
    RETURN CASE
      WHEN k IS NULL THEN 'KeyConcept removed: ' + name
      WHEN k.status = 'retired' THEN 'KeyConcept retired: ' + k.name
      WHEN k.name <> name THEN 'KeyConcept renamed or merged: ' + name
      WHEN NOT EXISTS { (k)<-[:CONTAINS]-(s:ClassSession) WHERE s.id IN row.sessions } THEN k.name + ' left its ClassSession'
    END AS reason
  }
  WITH row, collect(reason)[0] AS reason
  RETURN collect(CASE WHEN reason IS NULL THEN row END) AS fresh, collect(CASE WHEN reason IS NOT NULL THEN {id: row.id, reason: reason} END) AS outdated
}
CALL (fresh) {
  UNWIND fresh AS row
  UNWIND row.concepts AS concept
  WITH concept, count(DISTINCT row.id) AS added
  MATCH (k:TaxonomyNode {id: concept, status: 'accepted'})
  WITH k.home AS home, COUNT { (k)<-[:COVERS]-() } AS degree, added, count(*) AS concepts
  MATCH (d:TaxonomyNode {id: home}) WHERE d:Discipline
  RETURN collect({id: home, degree: degree, added: added, concepts: concepts}) AS concepts
}
CALL (fresh) {
  UNWIND fresh AS row
  UNWIND row.sessions AS session
  WITH session, collect(row.id) AS made
  MATCH (d:Discipline)-[:CONTAINS]->(:Subject)-[:CONTAINS]->(:Syllabus)-[:CONTAINS]->(:TaxonomyNode {id: session})
  UNWIND made AS instruction
  WITH d.id AS id, count(DISTINCT instruction) AS instructions
  RETURN collect({id: id, instructions: instructions}) AS instructions
}
CALL (fresh) {
  UNWIND fresh AS row
  WITH row WHERE row.dials IS NOT NULL
  UNWIND row.sessions AS session
  WITH session, collect(row) AS made
  MATCH (d:Discipline)-[:CONTAINS]->(:Subject)-[:CONTAINS]->(:Syllabus)-[:CONTAINS]->(:TaxonomyNode {id: session})
  UNWIND made AS row
  WITH DISTINCT d.id AS id, row.id AS instruction, row.dials AS labels
  UNWIND labels AS dial
  WITH id, dial, count(*) AS times
  RETURN collect({id: id, dial: dial, instructions: times}) AS dials
}
CALL (fresh) {
  UNWIND fresh AS row
  WITH row WHERE row.strategy = 'pair'
  UNWIND row.sessions AS a
  UNWIND row.sessions AS b
  WITH DISTINCT a, b WHERE a < b
  MATCH (s:TaxonomyNode {id: a, status: 'accepted'})<-[:CONTAINS]-(y:Syllabus {status: 'accepted'})
  MATCH (y)-[:CONTAINS]->(o {id: b, status: 'accepted'})
  WHERE NOT EXISTS { MATCH (s)<-[:DRAWN_FROM]-(i:Instruction {status: 'accepted', strategy: 'pair'})-[:DRAWN_FROM]->(o) }
  MATCH (d:Discipline)-[:CONTAINS]->(:Subject)-[:CONTAINS]->(y)
  WITH DISTINCT d, y, s, o
  WITH d.id AS id, count(*) AS covered
  RETURN collect({id: id, covered: covered}) AS pairs
}
CALL (fresh) {
  UNWIND fresh AS row
  WITH row WHERE row.strategy = 'cross'
  MATCH (d:Discipline)-[:CONTAINS]->(:Subject)-[:CONTAINS]->(:Syllabus)-[:CONTAINS]->(s:TaxonomyNode) WHERE s.id IN row.sessions
  MATCH (o:Discipline)-[:CONTAINS]->(:Subject)-[:CONTAINS]->(:Syllabus)-[:CONTAINS]->(t:TaxonomyNode) WHERE t.id IN row.sessions AND t.id <> s.id AND o.id <> d.id
  WITH DISTINCT row, d.id AS id, o.id AS other
  UNWIND [null] + coalesce(row.dials, []) AS dial
  WITH id, other, dial, count(*) AS times ORDER BY id, other
  MATCH (r:Rollup {id: id})
  MATCH (q:Rollup {id: other})
  MERGE (r)-[:CROSSES]-(q)
  RETURN collect({id: id, other: other, dial: dial, instructions: times}) AS crossed
}
RETURN toString(datetime()) AS now, rollups, outdated, concepts, instructions, dials, crossed, pairs
