// The nodes on the shortest way from a node up to a taxonomy, the node itself first.
// access: read
// $id string: the node
// example: {"id": "0190"}
MATCH way = SHORTEST 1 (:TaxonomyNode {id: $id})<-[:CONTAINS]-*(:Taxonomy)
UNWIND range(0, length(way)) AS n
WITH n, nodes(way)[n] AS node
RETURN node.name AS name, [label IN labels(node) WHERE label <> 'TaxonomyNode'][0] AS kind
ORDER BY n
