// The accepted syllabi below a node, each with the product of the weights on the way down to it; the heaviest way counts where there are several.
// access: read
// $id string: the node
// example: {"id": "0190"}
MATCH (top:TaxonomyNode {id: $id})
// Nothing where no way of accepted nodes leads from a taxonomy to this node.
WHERE EXISTS { (top) ((under WHERE under.status = 'accepted')<-[:CONTAINS]-())* (:Taxonomy {status: 'accepted'}) }
MATCH (top) ((above WHERE NOT above:Syllabus AND above.status = 'accepted')-[:CONTAINS]->(below))* (y:Syllabus {status: 'accepted'})
WITH y, reduce(product = 1.0, n IN below | product * coalesce(n.weight, 1.0)) AS weight
RETURN y.id AS id, max(weight) AS weight ORDER BY id
