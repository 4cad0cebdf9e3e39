// For each of some questions, the kept ones that may be the same: the one with its key, else those that share most of its rare words.
// access: read
// $batch map: rows, maps of id, key, words (a Lucene query, empty where there are no words), rare (those words, each between blanks) and fewest (the number of them that a candidate must have); limit, how many are looked at at most
// example: {"batch": {"rows": [{"id": "00", "key": "00", "words": "photosynthesis chlorophyll", "rare": [" photosynthesis ", " chlorophyll "], "fewest": 1}], "limit": 20}}
UNWIND $batch.rows AS row
OPTIONAL MATCH (same:Instruction {text_key: row.key})
// One that has neither is not compared yet itself: its worker tells which of the two is kept.
WHERE same.id <> row.id AND (same.words IS NOT NULL OR same.checked IS NOT NULL)
CALL (row, same) {
  WITH row, same WHERE same IS NULL AND row.words <> ''
  CALL db.index.fulltext.queryNodes('instruction_words', row.words, {limit: $batch.limit}) YIELD node AS i
  // One that has just left the index may still be found: it has no words any more.
  WITH row, i, ' ' + i.words + ' ' AS words
  // Here, as most share a word or two: to send the texts of twenty takes longer than all the rest.
  WHERE size([word IN row.rare WHERE words CONTAINS word]) >= row.fewest AND i.id <> row.id
  RETURN collect([i.id, i.question, i.words, i.concepts]) AS found
}
RETURN row.id AS id, CASE WHEN same IS NULL THEN null ELSE [same.id, same.question] END AS same, found
