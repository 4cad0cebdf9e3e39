// What was read from files into the nodes at and below a node, newest first: by whom, and what became of the concepts.
// access: read
// $id string: the node
// $limit integer: maximum number of rows
// example: {"id": "0190", "limit": 20}
MATCH (i:Import)
// In the order of the index, so that no more are looked at than are listed.
WHERE i.id > ''
WITH i ORDER BY i.id DESC
WHERE EXISTS { MATCH (i)-[:INTO]->()<-[:CONTAINS*0..]-(top:TaxonomyNode) WHERE top.id = $id }
WITH i LIMIT $limit
RETURN i.id AS id, i.at AS at, i.ended_at AS ended_at, i.state AS state, i.file AS file, i.format AS format, i.who AS who,
       COLLECT { MATCH (i)-[:INTO]->(n)<-[:CONTAINS*0..]-(top:TaxonomyNode) WHERE top.id = $id RETURN DISTINCT n.name ORDER BY n.name } AS into,
       i.concepts AS concepts, i.created AS created, i.updated AS updated, i.unchanged AS unchanged, i.existing AS existing,
       i.proposed AS proposed, i.conflicts AS conflicts, i.missing AS missing, i.errors AS errors
ORDER BY id DESC
