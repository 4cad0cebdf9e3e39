// What people disagree about most at or below a node, down to class sessions: the closest votes of each round first.
// access: read
// $id string: the node
// $limit integer: maximum number of rows
// cost: 10 s a million sessions
// example: {"id": "0190", "limit": 20}
MATCH (:TaxonomyNode {id: $id}) ((above WHERE NOT above:ClassSession)-[:CONTAINS]->())* (n:TaxonomyNode)
WITH DISTINCT n
MATCH (n)<-[:ON]-(v:Vote)<-[:HAS]-(r:Round) WHERE v.current
WITH r, n, sum(CASE v.choice WHEN 'keep' THEN 1 ELSE 0 END) AS keep, sum(CASE v.choice WHEN 'remove' THEN 1 ELSE 0 END) AS removals,
     sum(CASE v.choice WHEN 'abstain' THEN 1 ELSE 0 END) AS abstained
WHERE keep + removals > 1
RETURN r.name AS round, r.state AS state, n.id AS node_id, n.name AS name, n.status AS status, keep, removals, abstained
ORDER BY abs(keep - removals), keep + removals DESC, name, node_id, round LIMIT $limit
