// Takes the keys of questions from those that hold them but came later, or are not in the data any more.
// access: write
// $rows list: maps of id (of the instruction that is to get the key) and key
UNWIND $rows AS row
MATCH (i:Instruction {id: row.id})
MATCH (holder:Instruction {text_key: row.key})
WHERE holder.id <> i.id AND (NOT holder.status IN ['asked', 'accepted'] OR holder.created_at.epochMillis > i.created_at.epochMillis
      OR holder.created_at.epochMillis = i.created_at.epochMillis AND holder.id > i.id)
SET holder.text_key = null
