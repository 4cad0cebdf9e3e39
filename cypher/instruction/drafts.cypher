// Stores answers that were paid for beside the one an instruction has; storing one twice changes nothing, and what it used is counted once.
// access: write
// $rows list: maps of instruction (its id), draft (a map of properties), counter (the id of the judge in the job that counts it, or null) and counts (what to add to each of its counts)
UNWIND $rows AS row
MATCH (i:Instruction {id: row.instruction})
MERGE (d:Draft {id: row.draft.id})
ON CREATE SET d = row.draft, d.at = datetime(), d.fresh = true
MERGE (i)-[:HAS_DRAFT]->(d)
WITH row, d WHERE d.fresh
REMOVE d.fresh
WITH row.counter AS counter, collect(row.counts) AS added WHERE counter IS NOT NULL
MATCH (g:Judge {id: counter})
SET g.counts = [n IN range(0, size(g.counts) - 1) | reduce(total = g.counts[n], counts IN added | total + counts[n])]
