// What a job on a node would grow side by side, its disciplines or itself, and what each still needs.
// access: read
// $id string: the node
// example: {"id": "0190"}
MATCH (top:TaxonomyNode {id: $id})
// Nothing where no way of accepted nodes leads from a taxonomy to this node.
WHERE EXISTS { (top) ((under WHERE under.status = 'accepted')<-[:CONTAINS]-())* (:Taxonomy {status: 'accepted'}) }
MATCH (top) ((above WHERE NOT (above:Discipline OR above:Subject) AND above.status = 'accepted')-[:CONTAINS]->())* (b WHERE b:Discipline OR b:Subject OR b:Syllabus)
WHERE b.status = 'accepted'
WITH DISTINCT b
RETURN b.id AS id, [label IN labels(b) WHERE label IN ['Discipline', 'Subject', 'Syllabus']][0] AS kind,
  b.name AS name, b.description AS description,
  COUNT { MATCH (b)-[:CONTAINS]->(u:Subject {status: 'accepted'}) RETURN DISTINCT u } AS subjects,
  COUNT {
    MATCH (b)-[:CONTAINS*0..1]->(u:Subject {status: 'accepted'})
    WHERE NOT EXISTS { MATCH (u)-[:CONTAINS]->(y:Syllabus) WHERE y.status = 'accepted' }
    RETURN DISTINCT u
  } AS without_syllabus
ORDER BY id
