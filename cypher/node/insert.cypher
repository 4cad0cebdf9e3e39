// Inserts nodes that are not there yet, by key, and links all of them under their parents.
// access: write
// $rows list: maps of n, kind, node (its properties with id and key) and parents (maps of id and position)
UNWIND $rows AS row
MERGE (n:TaxonomyNode {key: row.node.key})
  ON CREATE SET n += row.node, n:$(row.kind), n.version = 1,
                n.created_at = datetime(), n.updated_at = datetime()
WITH row, n
CALL (row, n) {
  UNWIND row.parents AS parent
  MATCH (p:TaxonomyNode {id: parent.id})
  MERGE (p)-[r:CONTAINS]->(n)
    ON CREATE SET r.position = parent.position
}
RETURN row.n AS n, n.id = row.node.id AS created, n.id AS id
