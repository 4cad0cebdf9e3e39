// The disciplines at or below a node, each once.
// access: read
// $id string: the node
// example: {"id": "0190"}
MATCH (top:TaxonomyNode {id: $id})
MATCH (top) ((above WHERE NOT above:Discipline)-[:CONTAINS]->())* (d:Discipline)
RETURN DISTINCT d.id AS id ORDER BY id
