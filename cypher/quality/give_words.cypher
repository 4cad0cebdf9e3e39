// Gives kept questions the words by which later ones find them; what is not kept any more stays without.
// access: write
// $batch map: rows, maps of id and words
UNWIND $batch.rows AS row
MATCH (i:Instruction {id: row.id})
// Read under the lock.
SET i.updated_at = i.updated_at + duration('PT0S')
WITH i, row WHERE i.text_key IS NOT NULL
SET i.words = row.words
