// Open conflicts at and below a node: what people and a newer import both changed, with what the node has and what the import says.
// access: read
// $id string: the node
// $limit integer: maximum number of rows
// example: {"id": "0190", "limit": 20}
MATCH (:TaxonomyNode {id: $id})-[:CONTAINS*0..]->(n:TaxonomyNode)
WITH DISTINCT n
MATCH (p:Proposal {state: 'open', kind: 'conflict'})-[:ABOUT]->(n)
WITH p, n ORDER BY p.at DESC, p.id LIMIT $limit
RETURN p.id AS id, p.at AS at, n.id AS node, [label IN labels(n) WHERE label <> 'TaxonomyNode'][0] AS kind, n.name AS name,
       p.evidence AS evidence, p.before AS has, p.after AS told, head(COLLECT { MATCH (p)-[:FROM]->(i:Import) RETURN i.file ORDER BY i.id DESC }) AS file
ORDER BY at DESC, id
