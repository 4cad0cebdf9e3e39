// Some nodes with their properties; of concepts, how many accepted instructions cover each.
// access: read
// $batch map: ids, of the nodes
// example: {"batch": {"ids": ["0190"]}}
UNWIND $batch.ids AS id
MATCH (n:TaxonomyNode {id: id})
WITH n {.*, kind: [label IN labels(n) WHERE label <> 'TaxonomyNode'][0], created_at: null, updated_at: null} AS node,
  CASE WHEN n:KeyConcept THEN COUNT { (n)<-[:COVERS]-() } END AS instructions
// A node that was removed since it was found has no properties.
WHERE all(name IN ['id', 'kind', 'name', 'status', 'weight'] WHERE node[name] IS NOT NULL)
// In one row: to read many takes the client longer than all of this the server.
RETURN collect({node: node, instructions: instructions}) AS found
