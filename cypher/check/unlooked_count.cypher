// How many accepted instructions of some syllabi a rule has not looked at and nobody has waived; one that two of them share counts twice.
// access: read
// $syllabi list: their ids
// $wanted map: rule; since (ISO 8601), null where any time will do; job, null where what the rule has looked at is skipped
// example: {"syllabi": ["0190"], "wanted": {"rule": "judge@1"}}
UNWIND $syllabi AS id
MATCH (y:TaxonomyNode {id: id})
CALL (y) {
  MATCH (y)-[:CONTAINS]->()<-[:DRAWN_FROM]-(i:Instruction {status: 'accepted'})
  WHERE i.waived_by IS NULL AND (EXISTS { (i)-[:PRODUCED_BY]->(:Job {id: $wanted.job}) } OR $wanted.job IS NULL AND NOT $wanted.rule IN coalesce(i.checked, []))
    AND ($wanted.since IS NULL OR i.updated_at >= datetime($wanted.since))
  WITH DISTINCT i
  RETURN count(i) AS instructions, sum(size(coalesce(i.question, ''))) AS questions, sum(size(coalesce(i.answer, ''))) AS answers
}
RETURN sum(instructions) AS instructions, sum(questions) AS questions, sum(answers) AS answers
