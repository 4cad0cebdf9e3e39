// The instructions of a subtree, session by session in the order of ids, each at its first session inside the subtree.
// access: read
// $id string: the root of the subtree
// $session string: the cursor's session, empty at the start
// $after string: the cursor's instruction, empty at the start
// $statuses list: only these statuses
// $strategy string or null: only drawn this way: single or pair
// $since string or null: only changed at or after this time (ISO 8601)
// $limit integer: at most so many
// example: {"id": "0190", "session": "", "after": "", "statuses": ["accepted"], "strategy": null, "since": null, "limit": 50}
MATCH (top:TaxonomyNode {id: $id})
CALL (top) {
  WITH top WHERE top:ClassSession
  RETURN top AS s
  UNION
  // Not below the sessions: most links lead from there to concepts, and every page would walk them.
  MATCH (top) ((above WHERE NOT above:Syllabus)-[:CONTAINS]->())* (y:Syllabus)
  WITH DISTINCT y
  MATCH (y)-[:CONTAINS]->(s)
  RETURN s
}
WITH s WHERE s.id >= $session
WITH s ORDER BY s.id
CALL (s) {
  MATCH (s)<-[:DRAWN_FROM]-(i:Instruction)
  WHERE (s.id > $session OR i.id > $after) AND i.status IN $statuses
    AND ($strategy IS NULL OR i.strategy = $strategy)
    AND ($since IS NULL OR i.updated_at >= datetime($since))
    AND NOT EXISTS {
      MATCH (i)-[:DRAWN_FROM]->(o) WHERE o.id < s.id
        AND EXISTS { MATCH (o)<-[:CONTAINS*0..]-(top:TaxonomyNode) WHERE top.id = $id }
    }
  RETURN i ORDER BY i.id LIMIT $limit
}
RETURN i {.*, job_id: COLLECT { MATCH (i)-[:PRODUCED_BY]->(j) RETURN j.id }[0], created_at: toString(i.created_at), updated_at: toString(i.updated_at)} AS instruction, s.id AS session
ORDER BY session, i.id LIMIT $limit
