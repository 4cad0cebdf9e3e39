// Which kept instructions have the keys of some questions.
// access: read
// $keys list: keys of texts
// example: {"keys": ["00"]}
UNWIND $keys AS key
MATCH (i:Instruction {text_key: key})
RETURN key, i.id AS id, i.question AS question
