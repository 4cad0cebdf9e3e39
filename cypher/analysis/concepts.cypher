// Those of some concepts that are accepted, with how many accepted instructions cover each.
// access: read
// $batch map: ids, of the concepts
// example: {"batch": {"ids": ["0190"]}}
UNWIND $batch.ids AS id
MATCH (k:TaxonomyNode {id: id}) WHERE k.status = 'accepted'
WITH id, k.name AS name, COUNT { (k)<-[:COVERS]-() } AS instructions
// A node that was removed since it was found has no properties.
WHERE name IS NOT NULL
// In one row: to read many takes the client longer than all of this the server.
RETURN collect({id: id, name: name, instructions: instructions}) AS found
