// Imports, newest first.
// access: read
// $wanted map: states, and under, a node at or below which they went; each null where any will do
// $alive_s integer: seconds after which an import that was not seen has stopped
// $before string: the cursor, a large string at the start
// $limit integer: maximum number of rows
// example: {"wanted": {}, "alive_s": 60, "before": "~", "limit": 50}
MATCH (i:Import) WHERE i.id < $before
WITH i, i.state <> 'running' OR i.seen_at > datetime() - duration({seconds: $alive_s}) AS alive
WHERE ($wanted.states IS NULL OR CASE WHEN alive THEN i.state ELSE 'interrupted' END IN $wanted.states)
  AND ($wanted.under IS NULL OR EXISTS { MATCH (i)-[:INTO]->()<-[:CONTAINS*0..]-(top:TaxonomyNode) WHERE top.id = $wanted.under })
WITH i, alive ORDER BY i.id DESC LIMIT $limit
RETURN i {.*, at: toString(i.at), ended_at: toString(i.ended_at), seen_at: null} AS import, alive,
       COLLECT { MATCH (i)-[:INTO]->(n) RETURN n {.id, .name, kind: [label IN labels(n) WHERE label <> 'TaxonomyNode'][0]} ORDER BY n.id LIMIT 100 } AS into
ORDER BY i.id DESC
