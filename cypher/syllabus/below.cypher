// The accepted syllabi below a node, the node itself among them.
// access: read
// $id string: the node
// example: {"id": "0190"}
MATCH (top:TaxonomyNode {id: $id})
// Nothing where no way of accepted nodes leads from a taxonomy to this node.
WHERE EXISTS { (top) ((under WHERE under.status = 'accepted')<-[:CONTAINS]-())* (:Taxonomy {status: 'accepted'}) }
MATCH (top) ((above WHERE NOT above:Syllabus AND above.status = 'accepted')-[:CONTAINS]->())* (y:Syllabus {status: 'accepted'})
RETURN DISTINCT y.id AS id ORDER BY id
