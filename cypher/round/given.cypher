// What a round has made of some nodes so far.
// access: read
// $batch map: round, the round's id; ids of the nodes
// example: {"batch": {"round": "0190", "ids": ["0190"]}}
UNWIND $batch.ids AS id
MATCH (:Round {id: $batch.round})-[a:ASKS]->(n:TaxonomyNode {id: id})
RETURN n.id AS id, a.gave AS gave, a.turn AS turn
