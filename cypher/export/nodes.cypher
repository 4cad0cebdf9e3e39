// Some nodes with their stored properties, the nodes that they are related to, and ids and URIs of what was merged into them.
// access: read
// $batch map: ids, of the nodes; statuses, of the related ones
// example: {"batch": {"ids": ["0190"], "statuses": ["accepted"]}}
UNWIND $batch.ids AS id
MATCH (n:TaxonomyNode {id: id})
WITH n {.*, created_at: null, updated_at: null} AS node,
  COLLECT { MATCH (n)-[:RELATED]-(o:TaxonomyNode) WHERE o.status IN $batch.statuses AND o.id IS NOT NULL RETURN [o.id, o.uri] ORDER BY o.id } AS related,
  COLLECT { MATCH (a:Alias)-[:OF]->(n) RETURN [a.id, a.uri] ORDER BY a.id } AS aliases
// A node that was removed since it was found has no properties.
WHERE all(name IN ['id', 'name', 'status', 'weight'] WHERE node[name] IS NOT NULL)
// In one row: to read many takes the client longer than all of this the server.
RETURN collect({node: node, related: related, aliases: aliases}) AS found
