// Nodes below a node that are mapped to other vocabularies, with the addresses there.
// access: read
// $id string: the node
// $limit integer: maximum number of rows
// cost: 6 s a million nodes
// example: {"id": "0190", "limit": 20}
MATCH (:TaxonomyNode {id: $id})-[:CONTAINS*0..]->(n:TaxonomyNode)
WITH DISTINCT n
WITH n, {exactMatch: n.exactMatch, closeMatch: n.closeMatch, broadMatch: n.broadMatch,
         narrowMatch: n.narrowMatch, relatedMatch: n.relatedMatch} AS found
UNWIND [name IN keys(found) WHERE found[name] IS NOT NULL] AS mapping
WITH n, mapping, found[mapping] AS targets ORDER BY n.name, n.id, mapping LIMIT $limit
RETURN n.id AS id, [label IN labels(n) WHERE label <> 'TaxonomyNode'][0] AS kind, n.name AS name, mapping, targets
