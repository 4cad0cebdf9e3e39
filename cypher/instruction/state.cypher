// What changes whenever a pull of any subtree may: how many instructions, links to concepts, reasons and edits there are.
// access: read
CALL () {
  MATCH (i:Instruction)
  RETURN count(i) AS instructions
}
CALL () {
  MATCH ()-[r:COVERS]->()
  RETURN count(r) AS covers
}
CALL () {
  MATCH ()-[r:COVERED]->()
  RETURN count(r) AS covered
}
CALL () {
  MATCH (i:Instruction) WHERE i.reason IS NOT NULL
  RETURN count(i) AS reasons
}
CALL () {
  MATCH (e:Edit)
  RETURN count(e) AS edits
}
RETURN toString(instructions) + ' ' + toString(covers) + ' ' + toString(covered) + ' ' + toString(reasons) + ' ' + toString(edits) AS state
