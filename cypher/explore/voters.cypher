// The voters on nodes at or below a node, down to class sessions: how often each votes, and how often for keeping.
// access: read
// $id string: the node
// $limit integer: maximum number of rows
// cost: 10 s a million sessions
// example: {"id": "0190", "limit": 20}
MATCH (:TaxonomyNode {id: $id}) ((above WHERE NOT above:ClassSession)-[:CONTAINS]->())* (n:TaxonomyNode)
WITH DISTINCT n
MATCH (n)<-[:ON]-(v:Vote) WHERE v.current
WITH v.who AS who, v.kind AS kind, count(DISTINCT v.round) AS rounds, count(*) AS votes, max(v.at) AS last,
     sum(CASE v.choice WHEN 'keep' THEN 1 ELSE 0 END) AS keep, sum(CASE v.choice WHEN 'remove' THEN 1 ELSE 0 END) AS removals,
     sum(CASE v.choice WHEN 'abstain' THEN 1 ELSE 0 END) AS abstained, sum(CASE WHEN v.own THEN 0 ELSE 1 END) AS unverified
RETURN who, kind, rounds, votes, keep, removals, abstained, CASE WHEN keep + removals > 0 THEN round(100.0 * keep / (keep + removals)) / 100 END AS keep_rate,
       unverified, toString(last) AS last
ORDER BY votes DESC, who, kind LIMIT $limit
