// For each node, how many nodes of each kind are below it, each once.
// access: read
// $ids list: ids
// example: {"ids": ["0190"]}
MATCH (top:TaxonomyNode) WHERE top.id IN $ids
CALL (top) {
  MATCH (top)-[:CONTAINS*1..]->(n) WHERE n.status <> 'retired'
  WITH DISTINCT n
  RETURN [label IN labels(n) WHERE label <> 'TaxonomyNode'][0] AS kind, count(*) AS nodes
}
RETURN top.id AS id, kind, nodes
