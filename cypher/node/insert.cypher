// Inserts nodes that are not there yet, by key, and links all of them under their parents.
// access: write
// $batch map: rows, maps of n, kind, node (its properties with id and key), position and parents (element ids; they are locked, and found so faster than by their own)
UNWIND $batch.rows AS row
MERGE (n:TaxonomyNode {key: row.node.key})
  ON CREATE SET n += row.node, n:$(row.kind), n.version = 1,
                n.created_at = datetime(), n.updated_at = datetime()
  // One that is there is locked, so that nobody retires it for want of the parent that it gets now.
  ON MATCH SET n.updated_at = n.updated_at
WITH row, n, n.version AS before
CALL (row, n) {
  UNWIND row.parents AS element
  MATCH (p) WHERE elementId(p) = element
  MERGE (p)-[r:CONTAINS]->(n)
    ON CREATE SET r.position = row.position,
                  n.version = CASE WHEN n.id = row.node.id THEN 1 ELSE n.version + 1 END
}
// In one row: to read a thousand takes the client longer than all of this the server.
RETURN collect([row.n, n.id = row.node.id, n.version > before, n.id]) AS inserted
