// The node that a name already stands for under a parent or, for kinds that are unique within a wider home, in that home.
// access: read
// $rows list: maps of n, parent_id, homes (ids, empty where the parent is the home), kind, name_key and key
// example: {"rows": [{"n": 0, "parent_id": "0190", "homes": [], "kind": "Field", "name_key": "algebra", "key": "00"}]}
UNWIND $rows AS row
CALL (row) {
  MATCH (n:TaxonomyNode {name_key: row.name_key}) WHERE row.kind IN labels(n)
  WITH n, row, EXISTS { MATCH (p)-[:CONTAINS]->(n) WHERE p.id = row.parent_id } AS here
  WHERE here OR (size(row.homes) > 0 AND EXISTS { MATCH (h)-[:CONTAINS*1..]->(n) WHERE h.id IN row.homes })
  RETURN n.key AS key ORDER BY here DESC, n.key = row.key DESC, n.id LIMIT 1
}
RETURN row.n AS n, row.parent_id AS parent_id, key
