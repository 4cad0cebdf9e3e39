// For some concepts, those with a greater id that accepted instructions cover together with them, and how many do.
// access: read
// $batch map: ids, of the concepts
// example: {"batch": {"ids": ["0190"]}}
UNWIND $batch.ids AS id
MATCH (:TaxonomyNode {id: id})<-[:COVERS]-()-[:COVERS]->(other)
WHERE other.id > id
WITH id, other.id AS other, count(*) AS instructions
WITH id, collect(other) AS others, collect(instructions) AS instructions
// In one row: to read many takes the client longer than all of this the server.
RETURN collect({id: id, others: others, instructions: instructions}) AS found
