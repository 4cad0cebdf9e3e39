// Those of some nodes that have ended up below themselves.
// access: read
// $ids list: ids
// example: {"ids": ["0190"]}
UNWIND $ids AS id
MATCH (n:TaxonomyNode {id: id})
WHERE EXISTS { (n)-[:CONTAINS]->(:Subfield)-[:CONTAINS*0..]->(n) }
RETURN n.id AS id
