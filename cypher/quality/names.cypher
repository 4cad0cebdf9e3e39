// The names of some concepts.
// access: read
// $ids list: their ids
// example: {"ids": ["00"]}
UNWIND $ids AS id
MATCH (k:TaxonomyNode {id: id})
RETURN k.id AS id, k.name AS name
