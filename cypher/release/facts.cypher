// What a release pins of some instructions beside their lines: the prompts that made them, their dials, the rules that they were checked by, and those that flagged them.
// access: read
// $ids list: ids of instructions
// example: {"ids": ["00"]}
UNWIND $ids AS id
MATCH (i:Instruction {id: id})
RETURN i.id AS id, [i.question_prompt_version, i.question_prompt] AS question_prompt,
       [i.answer_prompt_version, i.answer_prompt] AS answer_prompt,
       i.dials AS dials, i.checked AS checked, i.flags AS flags
