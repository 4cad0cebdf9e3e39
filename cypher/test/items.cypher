// Questions of a test set in the order of their ids, with their disciplines and fields.
// access: read
// $name string: the test set
// $after string: the cursor, empty at the start
// $limit integer: maximum number of rows
// example: {"name": "exam", "after": "", "limit": 100}
MATCH (t:GlanTest {name: $name})
// In parts: planned as one it may begin with all that are held, where there are few.
WITH t.id AS test_id
MATCH (:Job {id: test_id})-[:HAS_UNIT]->(u:WorkUnit {step: 'instructions'})
WITH u
MATCH (i:Instruction {unit_id: u.id}) WHERE i.status = 'held' AND i.id > $after
WITH i, u ORDER BY i.id LIMIT $limit
OPTIONAL MATCH (d:TaxonomyNode {id: u.branch_id})
RETURN i.id AS id, i.question AS question, i.answer AS reference, i.language AS language, i.strategy AS strategy,
       u.branch_id AS discipline_id, coalesce(d.name, '') AS discipline,
       COLLECT { MATCH (f:Field) (()-[:CONTAINS]->())+ (d) RETURN DISTINCT f.name ORDER BY f.name }[0] AS field
ORDER BY id
