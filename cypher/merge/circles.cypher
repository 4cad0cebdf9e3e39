// Those of some nodes that have come to stand below themselves.
// access: read
// $ids list: ids
// example: {"ids": ["0190"]}
UNWIND $ids AS id
MATCH (n:TaxonomyNode {id: id})
WHERE EXISTS { (n)-[:CONTAINS]->(:Subfield)-[:CONTAINS*0..]->(n) }
RETURN n.id AS id
