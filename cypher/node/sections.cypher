// The nodes below the disciplines of a subtree, discipline by discipline in the order of ids, each at its first discipline.
// access: read
// $id string: the root of the subtree, above disciplines
// $kind string or null: only this kind
// $statuses list: only these statuses
// $section string: the cursor's discipline, empty at the start
// $after string: the cursor's node in it, empty at the start
// $limit integer: maximum number of rows
// example: {"id": "0190", "kind": "Subject", "statuses": ["accepted"], "section": "", "after": "", "limit": 50}
MATCH (:TaxonomyNode {id: $id}) ((above WHERE NOT above:Discipline)-[:CONTAINS]->())+ (d:Discipline)
WITH DISTINCT d WHERE d.id >= $section
WITH d ORDER BY d.id
CALL (d) {
  MATCH (d) ((above WHERE $kind IS NULL OR NOT $kind IN labels(above))-[:CONTAINS]->())+ (n)
  WITH DISTINCT n
  WHERE ($kind IS NULL OR $kind IN labels(n)) AND n.status IN $statuses AND (d.id > $section OR n.id > $after)
  WITH n ORDER BY n.id
  // Whether it stands below an earlier discipline is asked of the nodes of the page alone.
  WHERE NOT EXISTS {
    MATCH (n)<-[:CONTAINS*1..4]-(e:Discipline) WHERE e.id < d.id
      AND EXISTS { MATCH (e)<-[:CONTAINS*1..]-(top:TaxonomyNode) WHERE top.id = $id }
  }
  RETURN n ORDER BY n.id LIMIT $limit
}
RETURN d.id AS section, n {.*, kind: [label IN labels(n) WHERE label <> 'TaxonomyNode'][0], parents: COLLECT { MATCH (above)-[:CONTAINS]->(n) RETURN above.id ORDER BY above.id }, created_at: toString(n.created_at), updated_at: toString(n.updated_at)} AS node
ORDER BY section, n.id LIMIT $limit
