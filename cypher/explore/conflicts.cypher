// Open conflicts at and below a node: what people and a newer import both changed, with what the node has and what the import says.
// access: read
// $id string: the node
// $limit integer: maximum number of rows
// example: {"id": "0190", "limit": 20}
MATCH (p:Proposal {state: 'open'})-[:ABOUT]->(n:TaxonomyNode)
// Every proposal has a place; the index is asked for both.
WHERE p.place > '' AND p.kind = 'conflict'
WITH p, n ORDER BY p.at DESC, p.id
// What stands above is asked of the first alone, until there are enough.
WHERE EXISTS { MATCH (n)<-[:CONTAINS*0..]-(top:TaxonomyNode) WHERE top.id = $id }
WITH p, n LIMIT $limit
RETURN p.id AS id, p.at AS at, n.id AS node, [label IN labels(n) WHERE label <> 'TaxonomyNode'][0] AS kind, n.name AS name,
       p.evidence AS evidence, p.before AS has, p.after AS told, head(COLLECT { MATCH (p)-[:FROM]->(i:Import) RETURN i.file ORDER BY i.id DESC }) AS file
ORDER BY at DESC, id
