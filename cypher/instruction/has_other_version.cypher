// Whether a syllabus has instructions that were drawn before its sessions or concepts last changed.
// access: read
// $syllabus_id string: the syllabus
// $space_version string: its version now
// example: {"syllabus_id": "0190", "space_version": ""}
MATCH (:TaxonomyNode {id: $syllabus_id})-[:CONTAINS]->(s)
RETURN EXISTS { MATCH (s)<-[:DRAWN_FROM]-(i:Instruction) WHERE i.space_version <> $space_version } AS other
ORDER BY other DESC LIMIT 1
