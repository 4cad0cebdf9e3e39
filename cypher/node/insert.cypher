// Inserts nodes that are not there yet, by key, and links all of them under their parents; what is there and retired is left alone, unless retired ones serve too or the row itself is retired.
// access: write
// $batch map: retired_too, and rows, maps of n, kind, node (its properties with id and key), position and parents (element ids; they are locked, and found so faster than by their own)
UNWIND $batch.rows AS row
MERGE (n:TaxonomyNode {key: row.node.key})
  ON CREATE SET n += row.node, n:$(row.kind), n.version = 1,
                n.created_at = datetime(), n.updated_at = datetime()
  // One that is there is locked, so that nobody retires it for want of the parent that it gets now.
  ON MATCH SET n.version = n.version + 0
WITH row, n, n.version AS before, n.id = row.node.id AS created
WITH row, n, before, created,
     NOT created AND NOT $batch.retired_too AND n.status = 'retired' AND row.node.status <> 'retired' AS refused
CALL (row, n, created, refused) {
  UNWIND CASE WHEN refused THEN [] ELSE row.parents END AS element
  MATCH (p) WHERE elementId(p) = element
  MERGE (p)-[r:CONTAINS]->(n)
    // Children without a position stand in the order of their ids; one that was there comes with this row.
    ON CREATE SET r.position = row.position, r.since = CASE WHEN created THEN null ELSE row.node.id END,
                  n.version = CASE WHEN created THEN 1 ELSE n.version + 1 END
}
// In one row: to read a thousand takes the client longer than all of this the server.
RETURN collect([row.n, created, n.version > before, n.id, refused]) AS inserted
