// Which concepts are in which sessions of some syllabi, and what is handed out of them: and which sessions are held out for test sets: all that planning needs.
// access: read
// $ids list: ids of the syllabi
// example: {"ids": ["0190"]}
UNWIND $ids AS id
MATCH (y:TaxonomyNode {id: id})
RETURN y.id AS id, y.space_version AS space_version, y.drawn AS drawn, y.ahead AS ahead,
       y.ahead_counts AS ahead_counts, coalesce(y.respaced, false) AS respaced, y.handed_seal AS handed_seal,
  COLLECT {
    MATCH (y)-[r:CONTAINS]->(s:ClassSession {status: 'accepted'})
    WITH s, coalesce(r.position, 2147483647) AS position ORDER BY position, s.id
    RETURN {id: s.id, concepts: COLLECT {
      MATCH (s)-[c:CONTAINS]->(k:KeyConcept {status: 'accepted'})
      RETURN k.id ORDER BY coalesce(c.position, 2147483647), k.id
    }}
  } AS sessions,
  COLLECT { MATCH (y)-[:CONTAINS]->(s:ClassSession)<-[:HOLDS]-(:GlanTest) RETURN DISTINCT s.id } AS held
