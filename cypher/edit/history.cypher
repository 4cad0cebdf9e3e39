// The edits of a node, newest first; for a purged node those recorded under its id.
// access: read
// $id string: the node's id
// $before string: the cursor, a large text at the start
// $limit integer: maximum number of rows
// example: {"id": "0190", "before": "~", "limit": 50}
CALL () {
  MATCH (:TaxonomyNode {id: $id})<-[:CHANGED]-(e:Edit) WHERE e.id < $before
  RETURN e
  UNION
  MATCH (e:Edit) WHERE e.node_id = $id AND e.id < $before
    AND NOT EXISTS { MATCH (n:TaxonomyNode) WHERE n.id = $id }
    AND NOT EXISTS { MATCH (a:Alias) WHERE a.id = $id }
  RETURN e
}
WITH e ORDER BY e.id DESC LIMIT $limit
RETURN e {.*, at: toString(e.at)} AS edit
ORDER BY e.id DESC
