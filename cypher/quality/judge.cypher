// Stores by what the questions or answers of a job or a check are judged, with nothing counted yet; returns what is counted so far.
// access: write
// $owner string: the job or check
// $id string: the judge's id in it
// $facts map: part (question, answer, critique, refinement or pair), model, prompt (its hash) and rule
// $counts list: a zero for each count
CALL () {
  MATCH (o:Job {id: $owner})
  RETURN o
  UNION
  MATCH (o:Check {id: $owner})
  RETURN o
}
MERGE (g:Judge {id: $id})
ON CREATE SET g += $facts, g.counts = $counts, g.created_at = datetime()
MERGE (o)-[:HAS_JUDGE]->(g)
RETURN g.counts AS counts
