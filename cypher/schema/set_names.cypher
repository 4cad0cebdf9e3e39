// Stores the words of names and descriptions and, where names are compared otherwise than before, the new name_key and key; a key that another node has already stays with that one.
// access: write
// $rows list: maps of id, name_key, key (null where it stays), name_words and text_words
UNWIND $rows AS row
MATCH (n:TaxonomyNode {id: row.id})
OPTIONAL MATCH (other:TaxonomyNode {key: row.key})
SET n.name_key = row.name_key, n.name_words = row.name_words, n.text_words = row.text_words,
    n.key = CASE WHEN other IS NULL THEN coalesce(row.key, n.key) ELSE n.key END
