// Has the instructions made from merged nodes name those that they were merged into; none of them is accepted with a link to a merged concept.
// access: write
// $pairs list: maps of old and new, ids
UNWIND $pairs AS pair
MATCH (a:TaxonomyNode {id: pair.old})
MATCH (b:TaxonomyNode {id: pair.new})
CALL (pair, a, b) {
  // What failed or was rejected has no link to its concepts; it lists them.
  WITH pair, a WHERE a:KeyConcept
  MATCH (a)<-[:CONTAINS]-(:ClassSession)<-[:DRAWN_FROM]-(i:Instruction) WHERE pair.old IN i.concepts
  SET i.concepts = reduce(found = [], id IN [id IN i.concepts | CASE id WHEN pair.old THEN pair.new ELSE id END] | CASE WHEN id IN found THEN found ELSE found + id END)
}
CALL (pair, a, b) {
  MATCH (i:Instruction)-[c:COVERED]->(a)
  SET i.concepts = reduce(found = [], id IN [id IN i.concepts | CASE id WHEN pair.old THEN pair.new ELSE id END] | CASE WHEN id IN found THEN found ELSE found + id END)
  MERGE (i)-[:COVERED]->(b)
  DELETE c
}
CALL (pair, a, b) {
  MATCH (i:Instruction)-[d:DRAWN_FROM]->(a)
  SET i.sessions = reduce(found = [], id IN [id IN i.sessions | CASE id WHEN pair.old THEN pair.new ELSE id END] | CASE WHEN id IN found THEN found ELSE found + id END)
  MERGE (i)-[n:DRAWN_FROM]->(b) ON CREATE SET n.position = d.position
  DELETE d
}
CALL (pair, a, b) {
  MATCH (t:GlanTest)-[h:HOLDS]->(a)
  MERGE (t)-[:HOLDS]->(b)
  DELETE h
}
CALL (pair, a, b) {
  WITH pair, a WHERE a:Syllabus
  MATCH (a)-[:CONTAINS]->(:ClassSession)<-[:DRAWN_FROM]-(i:Instruction) WHERE pair.old IN [i.syllabus_id, i.partner_id]
  SET i.syllabus_id = CASE i.syllabus_id WHEN pair.old THEN pair.new ELSE i.syllabus_id END,
      i.partner_id = CASE i.partner_id WHEN pair.old THEN pair.new ELSE i.partner_id END
}
