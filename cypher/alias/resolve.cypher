// The nodes that some ids of merged nodes stand for now.
// access: read
// $ids list: ids
// example: {"ids": ["0190"]}
UNWIND $ids AS id
MATCH (:Alias {id: id})-[:OF]->(n:TaxonomyNode)
RETURN id AS alias, n.id AS id
