// Questions of accepted instructions with the names of their concepts, in the order of their ids, which are digests.
// access: read
// $after string: the id from which to begin
// $limit integer: maximum number of rows
// example: {"after": "80", "limit": 100}
MATCH (i:Instruction) WHERE i.id >= $after AND i.status = 'accepted'
WITH i ORDER BY i.id LIMIT $limit
RETURN i.id AS id, i.question AS question, COLLECT { UNWIND i.concepts AS id MATCH (k:TaxonomyNode {id: id}) RETURN k.name } AS concepts
ORDER BY id
