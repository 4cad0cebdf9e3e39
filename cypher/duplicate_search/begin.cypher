// Stores a search for duplicates, unless the same one is running.
// access: write
// $id string: the search's id
// $node_id string: the node
// $properties map: key, across, tier, threshold, created_by
// $alive_s integer: seconds after which a search that was not seen has stopped
MATCH (n:TaxonomyNode {id: $node_id})
SET n.version = n.version + 0
WITH n
OPTIONAL MATCH (n)<-[:LOOKED_UNDER]-(other:DuplicateSearch)
WHERE other.id = $id OR (other.key = $properties.key AND other.state = 'running'
  AND other.seen_at > datetime() - duration({seconds: $alive_s}))
WITH n, other LIMIT 1
CALL (n, other) {
  WITH n, other WHERE other IS NULL
  CREATE (s:DuplicateSearch {id: $id})-[:LOOKED_UNDER]->(n)
  SET s += $properties, s.node_id = $node_id, s.state = 'running', s.started_at = datetime(), s.seen_at = datetime(), s.counts = '{}'
}
RETURN coalesce(other.id, $id) AS id, other IS NULL AS fresh
