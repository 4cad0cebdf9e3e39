// The node that a name already stands for under a parent or, for kinds that are unique within a wider home, in one of its homes.
// access: read
// $batch map: rows, maps of n, parent_id, homes (the id of one, empty where the parent is the home), kind, name_key and key
// example: {"batch": {"rows": [{"n": 0, "parent_id": "0190", "homes": [], "kind": "Field", "name_key": "algebra", "key": "00"}]}}
UNWIND $batch.rows AS row
CALL (row) {
  // Few siblings are looked through; among many, as among the concepts of a discipline, the name leads.
  WITH row WHERE row.homes = []
  MATCH (p:TaxonomyNode {id: row.parent_id}) WHERE COUNT { (p)-[:CONTAINS]->() } <= 50
  MATCH (p)-[:CONTAINS]->(n) WHERE n.name_key = row.name_key AND row.kind IN labels(n)
  RETURN n
  UNION
  WITH row
  MATCH (p:TaxonomyNode {id: row.parent_id}) WHERE row.homes <> [] OR COUNT { (p)-[:CONTAINS]->() } > 50
  MATCH (n:TaxonomyNode {name_key: row.name_key}) WHERE row.kind IN labels(n)
    AND (EXISTS { (p)-[:CONTAINS]->(n) }
         OR (row.homes <> [] AND EXISTS { MATCH (h)-[:CONTAINS*1..]->(n) WHERE h.id IN row.homes }))
  RETURN n
}
WITH row, n, EXISTS { MATCH (p)-[:CONTAINS]->(n) WHERE p.id = row.parent_id } AS here
ORDER BY here DESC, n.key = row.key DESC, n.id
WITH row, collect(n)[0] AS n
RETURN row.n AS n, row.parent_id AS parent_id, coalesce(row.homes[0], row.parent_id) AS home, n.key AS key
