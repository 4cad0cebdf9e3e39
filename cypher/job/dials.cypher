// How many accepted instructions of a job have each value of its dials: the counts of ended units, and those still running counted now.
// access: read
// $id string: the job
// example: {"id": "0190"}
MATCH (:Job {id: $id})-[:HAS_UNIT]->(u:WorkUnit {step: 'instructions'})
CALL (u) {
  WITH u WHERE u.counts IS NOT NULL
  UNWIND range(0, size(coalesce(u.dials, [])) - 1) AS n
  RETURN u.dials[n] AS dial, u.dial_counts[n] AS made
  UNION ALL
  WITH u WHERE u.counts IS NULL
  MATCH (i:Instruction {unit_id: u.id}) WHERE i.status IN ['accepted', 'stale', 'withdrawn', 'held']
  UNWIND i.dials AS dial
  RETURN dial, count(*) AS made
}
RETURN dial, sum(made) AS instructions ORDER BY dial
