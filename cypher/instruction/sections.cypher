// The syllabi at or below a node in the order of their ids, in which a pull goes through a subtree.
// access: read
// $id string: the root of the subtree
// $from string: the first id that is wanted, empty at the start
// $limit integer: maximum number of rows
// example: {"id": "0190", "from": "", "limit": 257}
MATCH (top:TaxonomyNode {id: $id})
CALL (top) {
  WITH top WHERE top:Syllabus
  RETURN top AS y
  UNION
  MATCH (top)-[:CONTAINS]->(y:Syllabus)
  RETURN y
  UNION
  // Only down to disciplines by all ways there are: below them every step is known, and most links lie there.
  MATCH (top) ((above WHERE NOT above:Discipline)-[:CONTAINS]->())* (d:Discipline)
  WITH DISTINCT d
  MATCH (d)-[:CONTAINS]->()-[:CONTAINS]->(y)
  RETURN y
}
WITH y.id AS id WHERE id >= $from
RETURN id ORDER BY id LIMIT $limit
