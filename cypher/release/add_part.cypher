// Adds a part to a release that is being built and pins what is in it; no row where the release is in other hands.
// access: write
// $name string: the release
// $builder string: its builder
// $lease_s float: seconds for which it stays in these hands
// $part map: n, count, data (bytes: lines of JSON, compressed with zlib), facts (bytes: what is known of each line) and ids, the instructions in their order
MATCH (r:Release {name: $name})
SET r.count = r.count + 0
WITH r WHERE r.builder = $builder AND r.state = 'building'
SET r.count = r.count + $part.count,
    r.lease_until = datetime() + duration({milliseconds: toInteger(1000 * $lease_s)})
CREATE (r)-[:HAS_PART]->(p:ReleasePart {id: $name + '/' + $part.n, release: $name, n: $part.n, count: $part.count, data: $part.data, facts: $part.facts})
WITH r, p
CALL (p) {
  UNWIND $part.ids AS id
  MATCH (i:Instruction {id: id})
  CREATE (p)-[:PINS]->(i)
}
CALL (r) {
  UNWIND $part.ids AS id
  MATCH (i:Instruction {id: id})
  UNWIND [coalesce(i.question_prompt_version, i.question_prompt), coalesce(i.answer_prompt_version, i.answer_prompt)] AS prompt
  WITH r, prompt WHERE prompt IS NOT NULL
  WITH r, collect(DISTINCT prompt) AS found
  WITH r, found + coalesce(r.prompts, []) AS prompts
  SET r.prompts = COLLECT { UNWIND prompts AS prompt RETURN DISTINCT prompt ORDER BY prompt }
}
RETURN r.count AS count
