// The class sessions of some syllabi that may be held out: accepted, with concepts, in no instruction of the data, and with nothing drawn that is still to be made.
// access: read
// $ids list: the syllabi
// example: {"ids": ["0190"]}
UNWIND $ids AS id
MATCH (y:TaxonomyNode {id: id})-[:CONTAINS]->(s:ClassSession {status: 'accepted'})
WITH DISTINCT s
WITH s, NOT EXISTS { (s)<-[:DRAWN_FROM]-(i:Instruction) WHERE i.status IN ['asked', 'accepted', 'stale', 'withdrawn'] }
        AND NOT EXISTS {
          MATCH (s)<-[:CONTAINS]-(y:Syllabus)
          MATCH (u:WorkUnit {node_id: y.id}) WHERE u.step = 'instructions' AND u.state = 'pending'
        } AND EXISTS { (s)-[:CONTAINS]->(:KeyConcept {status: 'accepted'}) } AS free
RETURN s.id AS id, free ORDER BY id
