// The old keys at homes that were merged into others, with the kind and the home that they get.
// access: read
// $pairs list: maps of old and new, ids of the homes
// example: {"pairs": [{"old": "0190", "new": "0191"}]}
UNWIND $pairs AS pair
MATCH (o:OldKey {home: pair.old})-[:OF]->(n:TaxonomyNode)
RETURN o.key AS key, o.name_key AS name_key, [label IN labels(n) WHERE label <> 'TaxonomyNode'][0] AS kind, pair.new AS home
