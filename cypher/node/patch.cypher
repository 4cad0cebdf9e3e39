// Changes a locked node and increments its version.
// access: write
// $id string: the node's id
// $changes map: properties to set; null removes one
MATCH (n:TaxonomyNode {id: $id})
SET n += $changes, n.version = n.version + 1, n.updated_at = datetime()
RETURN n {.*, kind: [label IN labels(n) WHERE label <> 'TaxonomyNode'][0], parents: COLLECT { MATCH (above)-[:CONTAINS]->(n) RETURN above.id ORDER BY above.id }, created_at: toString(n.created_at), updated_at: toString(n.updated_at)} AS node
