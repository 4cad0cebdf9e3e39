// The present keys of the nodes that had some keys which nobody has now.
// access: read
// $batch map: keys
// example: {"batch": {"keys": ["00"]}}
UNWIND $batch.keys AS key
MATCH (:OldKey {key: key})-[:OF]->(n:TaxonomyNode)
WHERE NOT EXISTS { MATCH (m:TaxonomyNode) WHERE m.key = key }
RETURN key, n.key AS now
