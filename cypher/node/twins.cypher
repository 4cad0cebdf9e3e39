// Nodes of the same kind and name that were linked under a parent after they were made elsewhere.
// access: read
// $rows list: maps of n, parent_id, kind, name_key and key
// example: {"rows": []}
UNWIND $rows AS row
MATCH (n:TaxonomyNode {name_key: row.name_key})
WHERE n.key <> row.key AND row.kind IN labels(n)
  AND EXISTS { MATCH (p:TaxonomyNode {id: row.parent_id}) WHERE (p)-[:CONTAINS]->(n) }
RETURN row.n AS n, n.key AS key
