// What was read from files into the nodes at and below a node, newest first: by whom, and what became of the concepts.
// access: read
// $id string: the node
// $limit integer: maximum number of rows
// example: {"id": "0190", "limit": 20}
MATCH (:TaxonomyNode {id: $id})-[:CONTAINS*0..]->(n:TaxonomyNode)
WITH DISTINCT n
MATCH (i:Import)-[:INTO]->(n)
WITH i, collect(n.name) AS into ORDER BY i.id DESC LIMIT $limit
RETURN i.id AS id, i.at AS at, i.ended_at AS ended_at, i.state AS state, i.file AS file, i.format AS format, i.who AS who, into,
       i.concepts AS concepts, i.created AS created, i.updated AS updated, i.unchanged AS unchanged, i.existing AS existing,
       i.proposed AS proposed, i.conflicts AS conflicts, i.missing AS missing, i.errors AS errors
ORDER BY id DESC
