// The names of some concepts.
// access: read
// $batch map: ids
// example: {"batch": {"ids": ["00"]}}
UNWIND $batch.ids AS id
MATCH (k:TaxonomyNode {id: id})
// In one row: to read many takes the client longer than all of this the server.
RETURN collect([k.id, k.name]) AS names
