// The accepted subjects below a node, the node itself among them, that have no accepted syllabus.
// access: read
// $id string: the node
// example: {"id": "0190"}
MATCH (top:TaxonomyNode {id: $id})
// Nothing where no way of accepted nodes leads from a taxonomy to this node.
WHERE EXISTS { (top) ((under WHERE under.status = 'accepted')<-[:CONTAINS]-())* (:Taxonomy {status: 'accepted'}) }
MATCH (top) ((above WHERE NOT above:Subject AND above.status = 'accepted')-[:CONTAINS]->())* (u:Subject {status: 'accepted'})
WHERE NOT EXISTS { MATCH (u)-[:CONTAINS]->(y:Syllabus) WHERE y.status = 'accepted' }
WITH DISTINCT u
RETURN u.id AS id ORDER BY id
