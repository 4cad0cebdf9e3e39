// The concepts at or below a node whose home is no longer above them, each with the homes that are.
// access: read
// $id string: the node
// $kind string: the kind of home
// example: {"id": "0190", "kind": "Discipline"}
MATCH (:TaxonomyNode {id: $id})-[:CONTAINS*0..3]->(k:KeyConcept)
WITH DISTINCT k
WITH k, COLLECT { MATCH (a)-[:CONTAINS*1..]->(k) WHERE $kind IN labels(a) RETURN DISTINCT a.id ORDER BY a.id } AS homes
WHERE homes <> [] AND NOT k.home IN homes
RETURN k.id AS id, k.name AS name, homes
