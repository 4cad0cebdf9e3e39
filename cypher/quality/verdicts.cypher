// Stores what judges found of instructions, and counts it at the judges; storing a verdict twice changes nothing.
// access: write
// $rows list: maps of instruction (its id), judge (its id in the job), verdict (a map of properties) and counts (what to add to each count of the judge)
UNWIND $rows AS row
MATCH (i:Instruction {id: row.instruction})
MERGE (v:Verdict {id: row.verdict.id})
ON CREATE SET v = row.verdict, v.at = datetime(), v.fresh = true
MERGE (i)-[:HAS_VERDICT]->(v)
WITH row, v WHERE v.fresh
REMOVE v.fresh
WITH row.judge AS judge, collect(row.counts) AS added
MATCH (g:Judge {id: judge})
SET g.counts = [n IN range(0, size(g.counts) - 1) | reduce(total = g.counts[n], counts IN added | total + counts[n])]
