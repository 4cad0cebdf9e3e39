// For each of some questions, the kept ones that may be the same: the one with its key, else those that share most of its rare words.
// access: read
// $batch map: rows, maps of id, key and words (a Lucene query, empty where there are no words); limit, how many are found by their words at most
// example: {"batch": {"rows": [{"id": "00", "key": "00", "words": "photosynthesis chlorophyll"}], "limit": 20}}
UNWIND $batch.rows AS row
OPTIONAL MATCH (same:Instruction {text_key: row.key}) WHERE same.id <> row.id
CALL (row, same) {
  WITH row, same WHERE same IS NULL AND row.words <> ''
  CALL db.index.fulltext.queryNodes('instruction_words', row.words, {limit: $batch.limit}) YIELD node AS i
  // One that has just left the index may still be found: it has no words any more.
  WITH row, i.id AS id, i.question AS question, i.words AS words, i.concepts AS concepts
  WHERE id <> row.id AND words IS NOT NULL
  RETURN collect([id, question, words, concepts]) AS found
}
RETURN row.id AS id, CASE WHEN same IS NULL THEN null ELSE [same.id, same.question] END AS same, found
