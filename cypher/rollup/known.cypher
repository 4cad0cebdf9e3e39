// What is counted of some disciplines, and since when, in one row; of those that have no children nothing needs to be counted.
// access: read
// $batch map: ids of the disciplines
// example: {"batch": {"ids": ["0190"]}}
MATCH (d:TaxonomyNode) WHERE d.id IN $batch.ids
OPTIONAL MATCH (r:Rollup {id: d.id})
WITH d, r.figures AS figures
WITH d.id AS id, figures WHERE figures IS NOT NULL OR NOT EXISTS { (d)-[:CONTAINS]->() }
WITH collect([id, figures]) AS known
RETURN datetime.transaction().epochMillis AS began, known
