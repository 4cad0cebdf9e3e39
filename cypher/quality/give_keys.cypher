// Gives kept questions their words and, where no other holds it, their key, so that others are compared with them.
// access: write
// $rows list: maps of id, key (null: none) and words
UNWIND $rows AS row
MATCH (i:Instruction {id: row.id}) WHERE i.status IN ['asked', 'accepted', 'stale']
OPTIONAL MATCH (holder:Instruction {text_key: row.key})
WITH i, row, holder
SET i.words = row.words, i.text_key = CASE WHEN row.key IS NOT NULL AND holder IS NULL THEN row.key ELSE i.text_key END
