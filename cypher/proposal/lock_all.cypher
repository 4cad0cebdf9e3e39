// Locks proposals, and returns them as they now are.
// access: write
// $ids list: ids
UNWIND $ids AS id
MATCH (p:Proposal {id: id})
SET p.held = true
RETURN p {.*, at: toString(p.at), decided_at: toString(p.decided_at)} AS proposal
