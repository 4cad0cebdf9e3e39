// The nodes that have some URIs and no source key.
// access: read
// $batch map: uris
// example: {"batch": {"uris": ["urn:x:algebra"]}}
UNWIND $batch.uris AS uri
MATCH (n:TaxonomyNode {uri: uri}) WHERE n.source_key IS NULL
WITH n ORDER BY n.id
RETURN collect({merged: false, leaving: EXISTS { (n)<-[:ABOUT]-(:Proposal {kind: 'remove', state: 'open', source: 'import'}) }, node: n {.*, kind: [label IN labels(n) WHERE label <> 'TaxonomyNode'][0], parents: COLLECT { MATCH (above)-[:CONTAINS]->(n) RETURN above.id ORDER BY above.id }, created_at: null, updated_at: null}}) AS found
