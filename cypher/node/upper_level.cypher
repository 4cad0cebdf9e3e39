// Some nodes and the links one level down from those of them that are above subjects, each node with its kind, its status and whether it has children.
// access: read
// $batch map: ids of the nodes
// $limit integer: maximum number of links
// example: {"batch": {"ids": ["0190"]}, "limit": 1000}
UNWIND $batch.ids AS id
MATCH (p:TaxonomyNode {id: id})
WITH collect(p) AS above
CALL (above) {
  UNWIND above AS p
  WITH p WHERE NOT p:Discipline
  MATCH (p)-[:CONTAINS]->(n)
  WITH p, n LIMIT $limit
  RETURN collect([p.id, n.id, [label IN labels(n) WHERE label <> 'TaxonomyNode'][0], n.status, EXISTS { (n)-[:CONTAINS]->() }]) AS links
}
// In one row: to read many takes the client longer than all of this the server.
RETURN [p IN above | [p.id, [label IN labels(p) WHERE label <> 'TaxonomyNode'][0], p.status, EXISTS { (p)-[:CONTAINS]->() }]] AS above, links
