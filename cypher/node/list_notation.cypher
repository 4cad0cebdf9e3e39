// The nodes that have a code, in the order of their ids; those with its words are found by the full-text index.
// access: read
// $text string: a Lucene query for the words of the code
// $notation string: a code that they have
// $name_key string or null: only with this normalised name
// $kind string or null: only this kind
// $statuses list: only these statuses
// $under string or null: only below this node
// $after string: the cursor, empty at the start
// $limit integer: at most this many
// example: {"text": "term_words:(+021)", "notation": "02.1", "name_key": null, "kind": null, "statuses": ["accepted"], "under": null, "after": "", "limit": 50}
CALL db.index.fulltext.queryNodes('node_search', $text) YIELD node AS n
WHERE n.id > $after AND $notation IN n.notation AND ($name_key IS NULL OR n.name_key = $name_key)
  AND ($kind IS NULL OR $kind IN labels(n)) AND n.status IN $statuses
WITH n ORDER BY n.id
WHERE $under IS NULL OR EXISTS { MATCH (n)<-[:CONTAINS*1..]-(top:TaxonomyNode) WHERE top.id = $under }
WITH n LIMIT $limit
RETURN n {.*, kind: [label IN labels(n) WHERE label <> 'TaxonomyNode'][0], parents: COLLECT { MATCH (above)-[:CONTAINS]->(n) RETURN above.id ORDER BY above.id }, created_at: toString(n.created_at), updated_at: toString(n.updated_at)} AS node
ORDER BY n.id
