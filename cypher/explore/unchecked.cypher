// Accepted instructions below a node that a rule has not looked at, by syllabus.
// access: read
// $id string: the node
// $rule string: the beginning of the rule's id, such as near-duplicates or contamination; empty: by no rule at all
// $limit integer: maximum number of rows
// cost: 2.3 s a million instructions
// example: {"id": "0190", "rule": "near-duplicates", "limit": 20}
MATCH (:TaxonomyNode {id: $id}) ((above WHERE NOT above:ClassSession)-[:CONTAINS]->())* (s:ClassSession)
WITH DISTINCT s
MATCH (s)<-[:DRAWN_FROM]-(i:Instruction {status: 'accepted'})
WITH DISTINCT i WHERE none(rule IN coalesce(i.checked, []) WHERE rule STARTS WITH $rule)
WITH i.syllabus_id AS id, count(*) AS instructions
OPTIONAL MATCH (y:TaxonomyNode {id: id})
RETURN id, y.name AS syllabus, instructions
ORDER BY instructions DESC, id LIMIT $limit
