// Of what a round asks about, the nodes of one kind that each node is or stands under.
// access: read
// $id string: the round's id
// $kind string: the kind
// example: {"id": "0190", "kind": "Field"}
MATCH (:Round {id: $id})-[:ASKS]->(n:TaxonomyNode)
RETURN n.id AS id, COLLECT {
  MATCH (n)<-[:CONTAINS*0..]-(g) WHERE $kind IN labels(g)
  RETURN DISTINCT [g.id, g.name]
} AS groups
