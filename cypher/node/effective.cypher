// The status that counts for each of some nodes: of all ways from a taxonomy down to it, the best one's worst status, where accepted is better than proposed, rejected and retired.
// access: read
// $ids list: ids of the nodes
// example: {"ids": ["0190"]}
MATCH (n:TaxonomyNode) WHERE n.id IN $ids
RETURN n.id AS id, CASE
  WHEN EXISTS { (n) ((a WHERE a.status = 'accepted')<-[:CONTAINS]-())* (:Taxonomy {status: 'accepted'}) }
    THEN 'accepted'
  WHEN EXISTS { (n) ((a WHERE a.status IN ['accepted', 'proposed'])<-[:CONTAINS]-())* (top:Taxonomy) WHERE top.status IN ['accepted', 'proposed'] }
    THEN 'proposed'
  WHEN EXISTS { (n) ((a WHERE a.status <> 'retired')<-[:CONTAINS]-())* (top:Taxonomy) WHERE top.status <> 'retired' }
    THEN 'rejected'
  ELSE 'retired'
END AS status
