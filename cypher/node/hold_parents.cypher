// Locks the parents of nodes to be inserted, so that none is retired, purged, moved or merged at the same time, and returns for each what the insertion needs: the disciplines at or above it, and whether it or one of these hosts a node whose key was made elsewhere or is the home of old keys.
// access: write
// $batch map: ids of the parents, in the order in which everybody locks them
UNWIND $batch.ids AS id
MATCH (n:TaxonomyNode {id: id})
SET n.version = n.version + 0
WITH id, n, COLLECT {
  MATCH (n) (()<-[:CONTAINS]-(:Discipline|Subject|Syllabus|ClassSession))* (d:Discipline)
  WITH DISTINCT d ORDER BY d.id
  RETURN [d.id, d.guests IS NOT NULL, d.old_keys IS NOT NULL]
} AS above
// In one row: to read many takes the client longer than all of this the server.
RETURN collect({
  id: id, element: elementId(n), status: n.status, kind: [label IN labels(n) WHERE label <> 'TaxonomyNode'][0],
  disciplines: [d IN above | d[0]], host: n.guests IS NOT NULL, hosts: any(d IN above WHERE d[1]),
  old_key: n.old_keys IS NOT NULL, old_keys: any(d IN above WHERE d[2])
}) AS parents
