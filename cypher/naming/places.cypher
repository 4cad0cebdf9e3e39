// The nodes at or below a node where names of one kind may be asked for, a page of them, each once: a taxonomy for fields; fields, or the node itself, for sub-fields; fields and sub-fields without sub-fields for disciplines.
// access: read
// $id string: the node
// $kind string: Field, Subfield or Discipline
// $least integer: the least support of a proposed one; those that no job proposed have none and count
// $most integer: the most children that such a node may have
// $after string: the cursor, empty at the start
// $limit integer: maximum number of rows
// example: {"id": "0190", "kind": "Discipline", "least": 1, "most": 2000, "after": "", "limit": 400}
MATCH (top:TaxonomyNode {id: $id})
MATCH (top) ((above WHERE NOT above:Discipline AND above.status IN ['accepted', 'proposed'])-[:CONTAINS]->())* (p)
WHERE p.id > $after AND p.status IN ['accepted', 'proposed']
  AND (p.status = 'accepted' OR coalesce(p.support, $least) >= $least)
  AND COUNT { (p)-[:CONTAINS]->() } <= $most
  AND CASE $kind
    WHEN 'Field' THEN p:Taxonomy
    WHEN 'Subfield' THEN p:Field OR (p = top AND p:Subfield)
    ELSE (p:Field OR p:Subfield) AND NOT EXISTS { (p)-[:CONTAINS]->(s:Subfield) WHERE s.status IN ['accepted', 'proposed'] }
  END
RETURN DISTINCT p.id AS id ORDER BY id LIMIT $limit
