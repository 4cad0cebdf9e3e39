// Records an edit: its author, the change and the time.
// access: write
// $edit map: id, who, action, node_id, name, kind, nodes, stale and detail (JSON)
// $ids list: the nodes that it changed
CREATE (e:Edit)
SET e = $edit, e.at = datetime()
WITH e
UNWIND $ids AS id
MATCH (n:TaxonomyNode {id: id})
CREATE (e)-[:CHANGED]->(n)
