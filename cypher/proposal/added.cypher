// The node that a proposal is to add; no row for one of another kind.
// access: read
// $id string: the proposal's id
// example: {"id": "0190"}
MATCH (p:Proposal {id: $id})-[:ABOUT {role: 'subject'}]->(n:TaxonomyNode) WHERE p.kind = 'add'
RETURN n.id AS id
