// Which models wrote the questions and the answers of some instructions.
// access: read
// $ids list: instructions
// example: {"ids": ["00"]}
UNWIND $ids AS id
MATCH (i:Instruction {id: id})
RETURN collect(DISTINCT i.question_model) AS question, collect(DISTINCT i.answer_model) AS answer
