// Proposals in some states, best first, with the nodes that they are about as they are now.
// access: read
// $states list: states
// $wanted map: kinds, tiers, text (normalised) and under (id of a node), each null where any will do
// $after string: the cursor, empty at the start
// $limit integer: maximum number of rows
// example: {"states": ["open"], "wanted": {}, "after": "", "limit": 50}
UNWIND $states AS state
CALL (state) {
  MATCH (p:Proposal {state: state})
  WHERE p.place > $after AND ($wanted.kinds IS NULL OR p.kind IN $wanted.kinds)
    AND ($wanted.tiers IS NULL OR p.tier IN $wanted.tiers) AND ($wanted.text IS NULL OR p.text CONTAINS $wanted.text)
  WITH p ORDER BY p.place
  // What stands above is asked of the first alone, until the page is full.
  WHERE $wanted.under IS NULL OR EXISTS { MATCH (p)-[:ABOUT]->()<-[:CONTAINS*0..]-(top:TaxonomyNode) WHERE top.id = $wanted.under }
  WITH p LIMIT $limit
  RETURN p
}
WITH p ORDER BY p.place LIMIT $limit
RETURN p {.*, at: toString(p.at), decided_at: toString(p.decided_at)} AS proposal,
       COLLECT {
         MATCH (p)-[:ABOUT]->(n)
         RETURN n {.id, .name, .status, kind: [label IN labels(n) WHERE label <> 'TaxonomyNode'][0], description: left(coalesce(n.description, ''), 500),
                   path: COLLECT { MATCH way = SHORTEST 1 (n)<-[:CONTAINS]-*(:Taxonomy) UNWIND reverse(nodes(way)) AS step RETURN step {.id, .name} }}
       } AS nodes
ORDER BY p.place
