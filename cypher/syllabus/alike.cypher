// The syllabi below a node that teach concepts of the same names as some syllabi, or concepts that are taught elsewhere in one session with theirs; those with most in common first.
// access: read
// $ids list: ids of the syllabi
// $within map: root, the node; apart, whether syllabi of the same discipline are left out; most, how many syllabi may teach a name that counts; sessions, how many sessions of others a name leads to
// $limit integer: maximum number of rows a syllabus
// example: {"ids": ["0190"], "within": {"root": "0189", "apart": false, "most": 20, "sessions": 3}, "limit": 50}
UNWIND $ids AS id
MATCH (y:TaxonomyNode {id: id})
CALL (y) {
  MATCH (y)-[:CONTAINS]->(:ClassSession {status: 'accepted'})-[:CONTAINS]->(k:KeyConcept {status: 'accepted'})
  WITH y, k.name_key AS key, min(k.name) AS name
  CALL (key) {
    MATCH (o:TaxonomyNode {name_key: key}) USING INDEX o:TaxonomyNode(name_key) WHERE o:KeyConcept AND o.status = 'accepted'
    MATCH (o)<-[:CONTAINS]-(:ClassSession {status: 'accepted'})<-[:CONTAINS]-(z:Syllabus {status: 'accepted'})
    // One more than may be, so that it is known whether there are more.
    WITH DISTINCT z LIMIT $within.most + 1
    RETURN collect(z) AS found
  }
  // A name that everybody teaches says nothing of anybody.
  WITH y, key, name, found WHERE 1 < size(found) <= $within.most
  WITH y, collect({key: key, name: name, found: found}) AS names
  CALL (y, names) {
    UNWIND names AS one
    UNWIND one.found AS z
    WITH y, one, z WHERE z <> y
    RETURN z, 1.0 / (size(one.found) - 1) AS weight, one.name AS shared, null AS together
    UNION ALL
    UNWIND names AS one
    CALL (y, one) {
      MATCH (o:TaxonomyNode {name_key: one.key}) USING INDEX o:TaxonomyNode(name_key) WHERE o:KeyConcept AND o.status = 'accepted'
      MATCH (o)<-[:CONTAINS]-(s:ClassSession {status: 'accepted'}) WHERE NOT EXISTS { (y)-[:CONTAINS]->(s) }
      WITH DISTINCT s ORDER BY s.id LIMIT $within.sessions
      RETURN collect(s) AS sessions
    }
    WITH y, one, sessions
    UNWIND sessions AS s
    MATCH (s)-[:CONTAINS]->(d:KeyConcept {status: 'accepted'}) WHERE d.name_key <> one.key
    WITH y, one, size(sessions) AS wide, d.name_key AS key, min(d.name) AS name, count(*) AS times
    CALL (key) {
      MATCH (o:TaxonomyNode {name_key: key}) USING INDEX o:TaxonomyNode(name_key) WHERE o:KeyConcept AND o.status = 'accepted'
      MATCH (o)<-[:CONTAINS]-(:ClassSession {status: 'accepted'})<-[:CONTAINS]-(z:Syllabus {status: 'accepted'})
      WITH DISTINCT z LIMIT $within.most + 1
      RETURN collect(z) AS found
    }
    WITH y, one, wide, name, times, found WHERE size(found) <= $within.most
    UNWIND found AS z
    WITH y, one, wide, name, times, found, z WHERE z <> y AND NOT z IN one.found
    RETURN z, 0.5 * times / (wide * size(found)) AS weight, null AS shared, one.name + ' and ' + name AS together
  }
  WITH y, z, sum(weight) AS weight, collect(DISTINCT shared) AS shared, collect(DISTINCT together) AS together
  // Upwards: from above, all there is would be walked through.
  WHERE EXISTS { MATCH (z) (()<-[:CONTAINS]-(above WHERE above.status = 'accepted'))+ (top) WHERE top.id = $within.root }
    AND NOT ($within.apart AND EXISTS { (z)<-[:CONTAINS]-(:Subject)<-[:CONTAINS]-(:Discipline)-[:CONTAINS]->(:Subject)-[:CONTAINS]->(y) })
  WITH z.id AS other, weight, shared, together ORDER BY weight DESC, other LIMIT $limit
  RETURN other, weight, shared, together
}
RETURN id, other, weight, shared, together ORDER BY id, weight DESC, other
