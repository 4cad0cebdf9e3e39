// Stores a decision on a proposal.
// access: write
// $id string: the proposal's id
// $state string: applied, rejected or superseded
// $by string: the caller
// $comment string or null: what was said
MATCH (p:Proposal {id: $id})
SET p.state = $state, p.decided_by = $by, p.decided_at = datetime(), p.comment = $comment, p.refusal = null
