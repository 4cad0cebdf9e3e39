// A proposal, and the nodes that it is about as they are now, each with the shortest way down to it.
// access: read
// $id string: the proposal's id
// example: {"id": "0190"}
MATCH (p:Proposal {id: $id})
RETURN p {.*, at: toString(p.at), decided_at: toString(p.decided_at)} AS proposal,
       COLLECT {
         MATCH (p)-[:ABOUT]->(n)
         RETURN n {.id, .name, .status, kind: [label IN labels(n) WHERE label <> 'TaxonomyNode'][0], description: left(coalesce(n.description, ''), 500),
                   path: COLLECT { MATCH way = SHORTEST 1 (n)<-[:CONTAINS]-*(:Taxonomy) UNWIND reverse(nodes(way)) AS step RETURN step {.id, .name} }}
       } AS nodes
