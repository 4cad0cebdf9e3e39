// For each node, how the accepted instructions spread over the accepted concepts below it.
// access: read
// $ids list: ids of the nodes
// example: {"ids": ["0190"]}
MATCH (top:TaxonomyNode) WHERE top.id IN $ids
CALL (top) {
  MATCH (top)-[:CONTAINS*0..]->(k:KeyConcept) WHERE k.status = 'accepted'
  WITH DISTINCT k
  WITH COUNT { (k)<-[:COVERS]-() } AS degree
  RETURN count(*) AS concepts, sum(sign(degree)) AS covered, sum(degree) AS links, min(degree) AS least,
         max(degree) AS most, sum(CASE degree WHEN 0 THEN 0.0 ELSE degree * log(degree) END) AS d_log_d
}
RETURN top.id AS id, top.name AS name, concepts, covered, links, coalesce(least, 0) AS least, coalesce(most, 0) AS most, d_log_d
ORDER BY id
