// How many parts of releases there are, and the bytes of some of them, on average.
// access: read
// $most integer: how many are looked at
// example: {"most": 20}
CALL () {
  MATCH (p:ReleasePart)
  RETURN count(p) AS parts
}
CALL () {
  MATCH (p:ReleasePart)
  WITH p LIMIT $most
  RETURN avg(size(p.data) + size(p.facts)) AS bytes
}
RETURN parts, coalesce(bytes, 0.0) AS bytes
