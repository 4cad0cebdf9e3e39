// Nodes of a kind of which there are few, in the order of their ids: all of them are looked at, where among all nodes one would be searched for long.
// access: read
// $kind string: Taxonomy, Field, Subfield, Discipline, Subject or Syllabus
// $statuses list: only these statuses
// $after string: the cursor, empty at the start
// $limit integer: maximum number of rows
// example: {"kind": "Discipline", "statuses": ["accepted"], "after": "", "limit": 50}
CALL () {
  WITH * WHERE $kind = 'Taxonomy'
  MATCH (n:Taxonomy) RETURN n
  UNION ALL
  WITH * WHERE $kind = 'Field'
  MATCH (n:Field) RETURN n
  UNION ALL
  WITH * WHERE $kind = 'Subfield'
  MATCH (n:Subfield) RETURN n
  UNION ALL
  WITH * WHERE $kind = 'Discipline'
  MATCH (n:Discipline) RETURN n
  UNION ALL
  WITH * WHERE $kind = 'Subject'
  MATCH (n:Subject) RETURN n
  UNION ALL
  WITH * WHERE $kind = 'Syllabus'
  MATCH (n:Syllabus) RETURN n
}
WITH n WHERE n.id > $after AND n.status IN $statuses
ORDER BY n.id LIMIT $limit
RETURN n {.*, kind: $kind, parents: COLLECT { MATCH (above)-[:CONTAINS]->(n) RETURN above.id ORDER BY above.id }, created_at: toString(n.created_at), updated_at: toString(n.updated_at)} AS node
ORDER BY n.id
