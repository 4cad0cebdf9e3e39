// What people disagree about most in the rounds over a node: the closest votes first.
// access: read
// $id string: the node
// $limit integer: maximum number of rows
// example: {"id": "0190", "limit": 20}
MATCH (:TaxonomyNode {id: $id})<-[:OVER]-(r:Round)-[:ASKS]->(n:TaxonomyNode)
MATCH (n)<-[:ON]-(v:Vote) WHERE v.round = r.id AND v.current
WITH r, n, sum(CASE v.choice WHEN 'keep' THEN 1 ELSE 0 END) AS keep, sum(CASE v.choice WHEN 'remove' THEN 1 ELSE 0 END) AS removals,
     sum(CASE v.choice WHEN 'abstain' THEN 1 ELSE 0 END) AS abstained
WHERE keep + removals > 1
RETURN r.name AS round, r.state AS state, n.id AS node_id, n.name AS name, n.status AS status, keep, removals, abstained
ORDER BY abs(keep - removals), keep + removals DESC, name, node_id, round LIMIT $limit
