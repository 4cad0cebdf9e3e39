// Takes their source keys from nodes that are merged into others, so that these may have them.
// access: write
// $ids list: ids
MATCH (n:TaxonomyNode) WHERE n.id IN $ids AND n.source_key IS NOT NULL
SET n.source_key = null
