// Nodes that match a full-text query, the best first.
// access: read
// $text string: a Lucene query
// $name_key string or null: only with this normalised name
// $kind string or null: only this kind
// $statuses list: only these statuses
// $under string or null: only below this node
// $score float: the cursor's score, a large number at the start
// $after string: the cursor's id, empty at the start
// $limit integer: at most so many
// example: {"text": "algebra~1 OR algebra*", "name_key": null, "kind": null, "statuses": ["accepted"], "under": null, "score": 1e9, "after": "", "limit": 50}
CALL db.index.fulltext.queryNodes('node_search', $text) YIELD node AS n, score
WHERE ($kind IS NULL OR $kind IN labels(n)) AND n.status IN $statuses
  AND (score < $score OR (score = $score AND n.id > $after))
  AND ($name_key IS NULL OR n.name_key = $name_key)
WITH n, score ORDER BY score DESC, n.id
// Who stands above is asked of the best alone, until the page is full.
WHERE $under IS NULL OR EXISTS { MATCH (n)<-[:CONTAINS*1..]-(top:TaxonomyNode) WHERE top.id = $under }
WITH n, score LIMIT $limit
RETURN n {.*, kind: [label IN labels(n) WHERE label <> 'TaxonomyNode'][0], parents: COLLECT { MATCH (above)-[:CONTAINS]->(n) RETURN above.id ORDER BY above.id }, created_at: toString(n.created_at), updated_at: toString(n.updated_at)} AS node, score
ORDER BY score DESC, n.id
