// The kinds of the nodes directly above some nodes, which are locked, and of those below that are not retired.
// access: write
// $batch map: ids
UNWIND $batch.ids AS id
MATCH (n:TaxonomyNode {id: id})
SET n.version = n.version + 0
RETURN collect({id: id,
  above: COLLECT { MATCH (p:TaxonomyNode)-[:CONTAINS]->(n) RETURN [p.id, [label IN labels(p) WHERE label <> 'TaxonomyNode'][0]] },
  below: COLLECT { MATCH (n)-[:CONTAINS]->(c) WHERE c.status <> 'retired' RETURN DISTINCT [label IN labels(c) WHERE label <> 'TaxonomyNode'][0] }
}) AS facts
