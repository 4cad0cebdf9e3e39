// Open proposals about what is at or below a node, the best first, with their evidence.
// access: read
// $id string: the node
// $limit integer: maximum number of rows
// example: {"id": "0190", "limit": 20}
MATCH (:TaxonomyNode {id: $id})-[:CONTAINS*0..]->(n:TaxonomyNode)
WITH DISTINCT n
MATCH (p:Proposal {state: 'open'})-[:ABOUT]->(n)
WITH DISTINCT p ORDER BY p.place LIMIT $limit
RETURN p.id AS id, p.kind AS kind, p.tier AS tier, p.score AS score, p.evidence AS evidence,
       COLLECT { MATCH (p)-[a:ABOUT]->(n) RETURN a.role + ': ' + n.name ORDER BY a.role } AS nodes
ORDER BY p.place
