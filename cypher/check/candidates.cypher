// For each of some stored questions, the accepted ones that came earlier and may be the same, and those of other jobs that came later: the one with its key, and those that share most of its rare words.
// access: read
// $batch map: rows, maps of id, key, words (a Lucene query, empty where there are no words), rare (those words, each between blanks) and fewest (the number of them that a candidate must have, if there are any); among, how many are looked at by their words; limit, how many are found at most; job, whose instructions are looked at both ways (null: only earlier ones are wanted)
// example: {"batch": {"rows": [{"id": "00", "key": "00", "words": "photosynthesis chlorophyll", "rare": [" photosynthesis ", " chlorophyll "], "fewest": 1}], "among": 100, "limit": 20}}
UNWIND $batch.rows AS row
MATCH (own:Instruction {id: row.id})
CALL (row, own) {
  MATCH (i:Instruction {text_key: row.key})
  RETURN i
  UNION
  WITH row, own WHERE row.words <> ''
  CALL db.index.fulltext.queryNodes('instruction_words', row.words, {limit: $batch.among}) YIELD node AS i
  RETURN i
}
WITH row, own, i, i.created_at.epochMillis > own.created_at.epochMillis OR i.created_at.epochMillis = own.created_at.epochMillis AND i.id > own.id AS later
WHERE i.id <> own.id AND i.status = 'accepted' AND (NOT later OR $batch.job IS NOT NULL AND NOT EXISTS { (i)-[:PRODUCED_BY]->(:Job {id: $batch.job}) })
WITH row, own, collect([i, CASE WHEN later THEN i.created_at.epochMillis END])[..$batch.limit] AS found
// Here, as most share a word or two: to send their texts takes longer than all the rest.
RETURN own.id AS id, [one IN found
  WHERE row.rare = [] OR size([word IN row.rare WHERE ' ' + one[0].words + ' ' CONTAINS word]) >= row.fewest
  | [one[0].id, one[0].question, one[0].words, one[0].concepts, one[1]]] AS found
