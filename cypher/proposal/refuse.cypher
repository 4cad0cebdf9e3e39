// Stores why a proposal that was accepted could not be done.
// access: write
// $id string: the proposal's id
// $reason string: why
MATCH (p:Proposal {id: $id})
WHERE p.state IN ['open', 'rejected']
SET p.refusal = $reason
