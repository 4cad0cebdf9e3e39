// The accepted instructions of a syllabus that a rule has not looked at, or those of one job, that nobody has waived, in the order of their ids.
// access: read
// $syllabus string: the syllabus
// $after string: the id after which to begin, empty at the start
// $wanted map: root, the node below which to look; rule; since (ISO 8601), null where any time will do; job, null where what the rule has looked at is skipped
// $limit integer: maximum number of rows
// example: {"syllabus": "0191", "after": "", "wanted": {"root": "0190", "rule": "near-duplicates@3"}, "limit": 100}
MATCH (y:TaxonomyNode {id: $syllabus})-[:CONTAINS]->()<-[:DRAWN_FROM]-(i:Instruction {status: 'accepted'})
WHERE i.id > $after AND i.waived_by IS NULL AND (EXISTS { (i)-[:PRODUCED_BY]->(:Job {id: $wanted.job}) } OR $wanted.job IS NULL AND NOT $wanted.rule IN coalesce(i.checked, []))
  AND ($wanted.since IS NULL OR i.updated_at >= datetime($wanted.since))
  // One that two syllabi share is looked at in the first of them below the root.
  AND NOT EXISTS {
    MATCH (i)-[:DRAWN_FROM]->()<-[:CONTAINS]-(p:Syllabus)
    WHERE p.id < y.id AND EXISTS { (p)<-[:CONTAINS*1..]-(:TaxonomyNode {id: $wanted.root}) }
  }
WITH DISTINCT i ORDER BY i.id LIMIT $limit
RETURN i.id AS id, i.created_at.epochMillis AS created, i.question AS question, i.answer AS answer, i.rejected_answer AS rejected_answer, i.concepts AS concepts,
       i.language AS language, [id IN [i.syllabus_id, i.partner_id] WHERE id IS NOT NULL] AS syllabi
ORDER BY id
