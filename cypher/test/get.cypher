// A test set by its name, with how many of its questions there are in each discipline, and its class sessions that are held out.
// access: read
// $name string: its name
// example: {"name": "exam"}
MATCH (t:GlanTest {name: $name})
RETURN t {.*, created_at: toString(t.created_at), completed_at: toString(t.completed_at), removed_at: toString(t.removed_at)} AS test,
  COUNT { (t)-[:HOLDS]->() } AS sessions,
  COLLECT {
    MATCH (:Job {id: t.id})-[:HAS_UNIT]->(u:WorkUnit {step: 'instructions'})
    MATCH (i:Instruction {unit_id: u.id}) WHERE i.status = 'held'
    WITH u.branch_id AS id, count(*) AS items
    OPTIONAL MATCH (d:TaxonomyNode {id: id})
    RETURN {id: id, name: coalesce(d.name, ''), items: items} ORDER BY d.name, id
  } AS disciplines
