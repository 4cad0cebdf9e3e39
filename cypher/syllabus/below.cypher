// The accepted syllabi below a node, the node itself among them.
// access: read
// $id string: the node
// example: {"id": "0190"}
MATCH (top:TaxonomyNode {id: $id})
MATCH (top) ((above WHERE NOT above:Syllabus AND above.status = 'accepted')-[:CONTAINS]->())* (y:Syllabus {status: 'accepted'})
RETURN DISTINCT y.id AS id ORDER BY id
