// How many nodes at or below a node there are where names of one kind may be asked for, and how many of them have nothing below them.
// access: read
// $id string: the node
// $kind string: Field, Subfield or Discipline
// $least integer: the least support of a proposed one; those that no job proposed have none and count
// $most integer: the most children that such a node may have
// example: {"id": "0190", "kind": "Discipline", "least": 1, "most": 2000}
MATCH (top:TaxonomyNode {id: $id})
MATCH (top) ((above WHERE NOT above:Discipline AND above.status IN ['accepted', 'proposed'])-[:CONTAINS]->())* (p)
WHERE p.status IN ['accepted', 'proposed'] AND (p.status = 'accepted' OR coalesce(p.support, $least) >= $least)
  AND COUNT { (p)-[:CONTAINS]->() } <= $most
  AND CASE $kind
    WHEN 'Field' THEN p:Taxonomy
    WHEN 'Subfield' THEN p:Field OR (p = top AND p:Subfield)
    ELSE (p:Field OR p:Subfield) AND NOT EXISTS { (p)-[:CONTAINS]->(s:Subfield) WHERE s.status IN ['accepted', 'proposed'] }
  END
WITH DISTINCT p
RETURN count(p) AS places, count(CASE WHEN NOT EXISTS { (p)-[:CONTAINS]->() } THEN p END) AS bare
