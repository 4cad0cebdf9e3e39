// What a person needs to see of some nodes in order to decide about them.
// access: read
// $ids list: ids of the nodes
// $children integer: the most children that are named
// example: {"ids": ["0190"], "children": 20}
MATCH (n:TaxonomyNode) WHERE n.id IN $ids
RETURN n.id AS id, n.description AS description,
  COLLECT { MATCH (n)-[:CONTAINS]->(c) WHERE c.status <> 'retired' WITH c.name AS name ORDER BY name LIMIT $children RETURN name } AS children,
  COLLECT { MATCH path = (root)-[:CONTAINS*0..]->(n) WHERE NOT EXISTS { ()-[:CONTAINS]->(root) } RETURN [one IN nodes(path) | one.name] LIMIT 1 }[0] AS path
