// Full-text search over the words of names, descriptions, and labels with notations, as graph/words.py makes them.
// access: schema
CREATE FULLTEXT INDEX node_search IF NOT EXISTS FOR (n:TaxonomyNode) ON EACH [n.name_words, n.text_words, n.term_words]
OPTIONS {indexConfig: {`fulltext.analyzer`: 'whitespace'}}
