// For each of some nodes, the accepted disciplines below it to which a way of accepted nodes leads, or the node itself.
// access: read
// $ids list: ids of the nodes
// $limit integer: at most this many for each
// example: {"ids": ["0190"], "limit": 1000}
UNWIND $ids AS id
MATCH (top:TaxonomyNode {id: id})
CALL (top) {
  MATCH (top) ((above WHERE NOT above:Discipline AND (above = top OR above.status = 'accepted'))-[:CONTAINS]->())* (d:Discipline)
  WHERE d = top OR d.status = 'accepted'
  WITH DISTINCT d LIMIT $limit
  RETURN collect(d.id) AS disciplines
}
RETURN id, disciplines
