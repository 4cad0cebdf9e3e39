// What decides whether a node may be linked under another: a circle, or a sibling of the same name.
// access: read
// $parent_id string: the node above
// $child_id string: the node below
// example: {"parent_id": "0190", "child_id": "0191"}
MATCH (p:TaxonomyNode {id: $parent_id}), (c:TaxonomyNode {id: $child_id})
RETURN EXISTS { (c)-[:CONTAINS*0..]->(p) } AS circle,
       EXISTS { (p)-[:CONTAINS]->(c) } AS linked,
       EXISTS { MATCH (p)-[:CONTAINS]->(t) WHERE t.name_key = c.name_key AND t <> c AND labels(t) = labels(c) } AS twin
