// Those of some concepts that are accepted, with how many accepted instructions cover each.
// access: read
// $batch map: ids, of the concepts
// example: {"batch": {"ids": ["0190"]}}
UNWIND $batch.ids AS id
MATCH (k:TaxonomyNode {id: id}) WHERE k.status = 'accepted'
// In one row: to read many takes the client longer than all of this the server.
RETURN collect({id: id, name: k.name, instructions: COUNT { (k)<-[:COVERS]-() }}) AS found
