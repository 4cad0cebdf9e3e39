// Which of some instructions a check itself has found to be duplicates.
// access: read
// $id string: the check
// $ids list: instructions
// example: {"id": "0190", "ids": ["00"]}
UNWIND $ids AS id
MATCH (i:Instruction {id: id})
MATCH (f:Finding {id: $id + '/' + toString(i.created_at.epochMillis) + '/' + i.id}) WHERE f.outcome IN ['withdraw', 'flag']
RETURN i.id AS id
