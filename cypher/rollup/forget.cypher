// Locks what is counted of some disciplines, and of those that share something with them, and declares it unknown until it is counted again; returns those that host a node whose key was made elsewhere.
// access: write
// $batch map: ids of the disciplines; crossing, whether those count as well with which instructions are shared
UNWIND $batch.ids AS id
WITH DISTINCT id ORDER BY id
MERGE (r:Rollup {id: id})
SET r.held = true, r.figures = null, r.sums = null
WITH r
CALL (r) {
  MATCH (r)-[how:SHARES|CROSSES]-(other)
  WHERE how:SHARES OR $batch.crossing
  WITH DISTINCT other ORDER BY other.id
  SET other.held = true, other.figures = null, other.sums = null
}
// Read under the lock: whoever makes a discipline a host holds it until that is there.
OPTIONAL MATCH (d:TaxonomyNode {id: r.id}) WHERE d.guests IS NOT NULL
RETURN collect(d.id) AS hosts
