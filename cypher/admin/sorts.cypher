// Of some nodes of each label, the number of properties, of records for long texts, and of records for lists, on average.
// access: read
// $labels list: the labels
// $most integer: how many nodes of a label are looked at
// example: {"labels": ["TaxonomyNode", "Instruction"], "most": 1000}
UNWIND $labels AS label
CALL (label) {
  MATCH (n:$(label))
  WITH n LIMIT $most
  WITH [key IN keys(n) | n[key]] AS found
  RETURN avg(size(found)) AS properties,
         avg(reduce(sum = 0, v IN found | sum + CASE WHEN v IS :: STRING AND size(v) > 30 THEN 1 + size(v) / 120 ELSE 0 END)) AS texts,
         avg(reduce(sum = 0, v IN found | sum + CASE WHEN v IS :: LIST<STRING NOT NULL> THEN 1 + reduce(s = 0, t IN v | s + size(t) + 4) / 120 ELSE 0 END)) AS lists
}
RETURN label, coalesce(properties, 0.0) AS properties, coalesce(texts, 0.0) AS texts, coalesce(lists, 0.0) AS lists
