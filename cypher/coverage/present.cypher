// For each group of nodes, how many nodes of each kind are below them and not retired, each once.
// access: read
// $batch map: groups, maps of id and tops (ids of the nodes)
// example: {"batch": {"groups": [{"id": "all", "tops": ["0190"]}]}}
UNWIND $batch.groups AS g
CALL (g) {
  UNWIND g.tops AS one
  MATCH (top:TaxonomyNode {id: one})
  MATCH (top)-[:CONTAINS*1..]->(n) WHERE n.status <> 'retired'
  WITH DISTINCT n
  RETURN [label IN labels(n) WHERE label <> 'TaxonomyNode'][0] AS kind, count(*) AS nodes
}
RETURN g.id AS id, kind, nodes
