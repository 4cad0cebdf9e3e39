// Finds kept questions that share rare words with another one; the words are those of generators/quality.
// access: schema
CREATE FULLTEXT INDEX instruction_words IF NOT EXISTS FOR (i:Instruction) ON EACH [i.words]
OPTIONS {indexConfig: {`fulltext.analyzer`: 'whitespace'}}
