// Open proposals about what is at or below a node, the best first, with their evidence.
// access: read
// $id string: the node
// $limit integer: maximum number of rows
// example: {"id": "0190", "limit": 20}
MATCH (p:Proposal {state: 'open'})
// In the order of the index, so that no more are looked at than are listed.
WHERE p.place > ''
WITH p ORDER BY p.place
WHERE EXISTS { MATCH (p)-[:ABOUT]->()<-[:CONTAINS*0..]-(top:TaxonomyNode) WHERE top.id = $id }
WITH p LIMIT $limit
RETURN p.id AS id, p.kind AS kind, p.tier AS tier, p.score AS score, p.evidence AS evidence,
       COLLECT { MATCH (p)-[a:ABOUT]->(n) RETURN a.role + ': ' + n.name ORDER BY a.role } AS nodes
ORDER BY p.place
