// The accepted disciplines below a node, the node itself among them, with their names, the product of the weights on the heaviest way down and how many accepted subjects they have.
// access: read
// $id string: the node
// example: {"id": "0190"}
MATCH (top:TaxonomyNode {id: $id})
// Nothing where no way of accepted nodes leads from a taxonomy to this node.
WHERE EXISTS { (top) ((under WHERE under.status = 'accepted')<-[:CONTAINS]-())* (:Taxonomy {status: 'accepted'}) }
MATCH (top) ((above WHERE NOT above:Discipline AND above.status = 'accepted')-[:CONTAINS]->(below))* (d:Discipline {status: 'accepted'})
WITH d, max(reduce(product = 1.0, n IN below | product * coalesce(n.weight, 1.0))) AS weight
RETURN d.id AS id, d.name AS name, weight, COUNT { (d)-[:CONTAINS]->(u:Subject) WHERE u.status = 'accepted' } AS subjects
ORDER BY id
