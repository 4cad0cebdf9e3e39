// Stores what a judge found of two answers, in the order in which it read them; one that is there stays as it is.
// access: write
// $id string: the verdict's id
// $answers list: the ids of both answers
// $properties map: model, prompt, first, second, why or, without a usable opinion, reason and detail; what it used
MERGE (v:TestVerdict {id: $id})
  ON CREATE SET v += $properties, v.at = datetime()
WITH v
UNWIND range(0, size($answers) - 1) AS place
MATCH (a:TestAnswer {id: $answers[place]})
MERGE (v)-[:COMPARES {place: place + 1}]->(a)
