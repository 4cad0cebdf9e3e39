// Some nodes with their stored properties, the nodes that they are related to, and ids and URIs of what was merged into them.
// access: read
// $batch map: ids, of the nodes; statuses, of the related ones
// example: {"batch": {"ids": ["0190"], "statuses": ["accepted"]}}
UNWIND $batch.ids AS id
MATCH (n:TaxonomyNode {id: id})
// In one row: to read many takes the client longer than all of this the server.
RETURN collect({
  node: n {.*, created_at: null, updated_at: null},
  related: COLLECT { MATCH (n)-[:RELATED]-(o:TaxonomyNode) WHERE o.status IN $batch.statuses RETURN [o.id, o.uri] ORDER BY o.id },
  aliases: COLLECT { MATCH (a:Alias)-[:OF]->(n) RETURN [a.id, a.uri] ORDER BY a.id }
}) AS found
