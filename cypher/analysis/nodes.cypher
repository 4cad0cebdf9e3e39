// Some nodes with their properties; of concepts, how many accepted instructions cover each.
// access: read
// $batch map: ids, of the nodes
// example: {"batch": {"ids": ["0190"]}}
UNWIND $batch.ids AS id
MATCH (n:TaxonomyNode {id: id})
// In one row: to read many takes the client longer than all of this the server.
RETURN collect({
  node: n {.*, kind: [label IN labels(n) WHERE label <> 'TaxonomyNode'][0], created_at: null, updated_at: null},
  instructions: CASE WHEN n:KeyConcept THEN COUNT { (n)<-[:COVERS]-() } END
}) AS found
