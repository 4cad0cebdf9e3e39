// Stores by what a job's questions or answers are judged, with nothing counted yet; returns what is counted so far.
// access: write
// $job_id string: the job
// $id string: the judge's id in it
// $facts map: part (question, answer, critique, refinement or pair), model, prompt (its hash) and rule
// $counts list: a zero for each count
MATCH (j:Job {id: $job_id})
MERGE (g:Judge {id: $id})
ON CREATE SET g += $facts, g.counts = $counts, g.created_at = datetime()
MERGE (j)-[:HAS_JUDGE]->(g)
RETURN g.counts AS counts
