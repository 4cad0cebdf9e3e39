// What decides whether a node may be linked under another: a circle, or that it is there already.
// access: read
// $parent_id string: the node above
// $child_id string: the node below
// example: {"parent_id": "0190", "child_id": "0191"}
MATCH (p:TaxonomyNode {id: $parent_id})
MATCH (c:TaxonomyNode {id: $child_id})
RETURN EXISTS { (c)-[:CONTAINS*0..]->(p) } AS circle,
       EXISTS { (p)-[:CONTAINS]->(c) } AS linked
