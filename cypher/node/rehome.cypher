// Gives a node its new home and key after it left the old one.
// access: write
// $id string: the node's id
// $home string: id of the node within which its name is unique
// $key string: its new key
MATCH (n:TaxonomyNode {id: $id})
SET n.home = $home, n.key = $key
