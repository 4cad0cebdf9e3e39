// Nodes in the order of their ids, with the properties of those that have labels or what glan now keeps itself.
// access: read
// $after string: the id of the node before, empty at the start
// $limit integer: at most this many
// example: {"after": "", "limit": 50}
MATCH (n:TaxonomyNode) WHERE n.id > $after
WITH n ORDER BY n.id LIMIT $limit
RETURN n.id AS id, CASE WHEN any(name IN keys(n) WHERE name IN ['uri', 'notation', 'source_key', 'notation_key', 'imported', 'term_words'] OR split(name, '_')[0] IN ['prefLabel', 'altLabel', 'hiddenLabel']) THEN n {.*, created_at: null, updated_at: null} END AS node
ORDER BY id
