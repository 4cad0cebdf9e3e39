// What changes whenever a pull of accepted instructions may: how many instructions, links to concepts and edits there are, and how often checks have changed something.
// access: read
CALL () {
  MATCH (i:Instruction)
  RETURN count(i) AS number
  UNION ALL
  MATCH ()-[r:COVERS]->()
  RETURN count(r) AS number
  UNION ALL
  MATCH ()-[r:COVERED]->()
  RETURN count(r) AS number
  UNION ALL
  MATCH (e:Edit)
  RETURN count(e) AS number
  UNION ALL
  MATCH (c:Check) WHERE c.id > ''
  RETURN coalesce(sum(c.writes), 0) AS number
}
RETURN reduce(state = '', number IN collect(number) | state + ' ' + toString(number)) AS state
