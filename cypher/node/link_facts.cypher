// What decides whether nodes may be linked under others: a cycle, or an existing link.
// access: read
// $rows list: maps of n, parent_id and child_id
// example: {"rows": [{"n": 0, "parent_id": "0190", "child_id": "0191"}]}
UNWIND $rows AS row
MATCH (p:TaxonomyNode {id: row.parent_id})
MATCH (c:TaxonomyNode {id: row.child_id})
RETURN row.n AS n, row.parent_id AS parent_id, EXISTS { (c)-[:CONTAINS*0..]->(p) } AS circle,
       EXISTS { (p)-[:CONTAINS]->(c) } AS linked
