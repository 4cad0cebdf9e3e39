// The homes of some nodes, and whether they are taxonomies.
// access: read
// $batch map: ids
// example: {"batch": {"ids": ["0190"]}}
UNWIND $batch.ids AS id
MATCH (n:TaxonomyNode {id: id})
RETURN collect([id, n.home, n:Taxonomy]) AS homes
