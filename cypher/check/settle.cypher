// Stores what came of findings, and removes those without a link that is left.
// access: write
// $rows list: maps of id, outcome (withdraw, flag, keep or waived) and links (JSON)
UNWIND $rows AS row
MATCH (f:Finding {id: row.id})
SET f.outcome = row.outcome, f.links = row.links
WITH f WHERE f.links = '[]'
DETACH DELETE f
