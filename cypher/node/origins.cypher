// How many instructions, of any status, were made from some nodes.
// access: read
// $ids list: ids of sessions and concepts
// example: {"ids": ["0190"]}
UNWIND $ids AS id
MATCH (n:TaxonomyNode {id: id})
CALL (n) {
  MATCH (n)<-[:DRAWN_FROM|COVERS|COVERED]-(i:Instruction)
  RETURN i
  UNION
  // What failed or was rejected has no link to its concepts; it lists them.
  WITH n
  WHERE n:KeyConcept
  MATCH (n)<-[:CONTAINS]-(:ClassSession)<-[:DRAWN_FROM]-(i:Instruction) WHERE n.id IN i.concepts
  RETURN i
}
RETURN count(DISTINCT i) AS instructions
