// Which nodes of a round have these URIs.
// access: read
// $batch map: round, the round's id; uris
// example: {"batch": {"round": "0190", "uris": ["http://example.org/optics"]}}
MATCH (:Round {id: $batch.round})-[:ASKS]->(n:TaxonomyNode) WHERE n.uri IN $batch.uris
RETURN n.uri AS uri, min(n.id) AS id
