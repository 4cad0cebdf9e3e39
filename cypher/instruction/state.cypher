// What changes whenever a pull of any subtree may: how many instructions there are, when one was last changed, and how often the taxonomy was edited.
// access: read
CALL () {
  MATCH (i:Instruction)
  RETURN count(i) AS instructions, coalesce(toString(max(i.updated_at)), '') AS changed
}
CALL () {
  MATCH (e:Edit)
  RETURN count(e) AS edits
}
RETURN toString(instructions) + ' ' + changed + ' ' + toString(edits) AS state
