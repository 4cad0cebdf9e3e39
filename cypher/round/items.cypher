// What a round asks about: each node with what it was, what the round made of it, its parents and their statuses, and its current votes.
// access: read
// $id string: the round's id
// example: {"id": "0190"}
MATCH (:Round {id: $id})-[a:ASKS]->(n:TaxonomyNode)
RETURN n.id AS id, n.name AS name, [label IN labels(n) WHERE label <> 'TaxonomyNode'][0] AS kind, n.status AS status, a.was AS was, a.gave AS gave, a.turn AS turn,
  [a.outcome, a.reason, a.above] AS decided,
  COLLECT { MATCH (p)-[:CONTAINS]->(n) RETURN [p.id, p.status] } AS parents,
  COLLECT { MATCH (n)<-[:ON]-(v:Vote) WHERE v.round = $id AND v.current RETURN [v.who, v.choice, v.kind] } AS votes,
  n:Discipline AND EXISTS { (n)-[:CONTAINS]->() } AS grown
