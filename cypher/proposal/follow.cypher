// Has proposals follow what was decided about their nodes: one to add a node says what the node is, and one to remove it is done once it is retired.
// access: write
// $batch map: by, the caller; rows, maps of id and status of nodes that are locked
UNWIND $batch.rows AS row
MATCH (:TaxonomyNode {id: row.id})<-[about:ABOUT]-(p:Proposal)
WHERE about.role = 'subject' AND (p.kind = 'add' OR (p.kind = 'remove' AND p.state = 'open' AND row.status = 'retired'))
WITH p, CASE
  WHEN p.kind = 'remove' OR row.status = 'accepted' THEN 'applied'
  WHEN row.status = 'rejected' THEN 'rejected'
  WHEN row.status = 'retired' THEN 'superseded'
  ELSE 'open'
END AS state
WHERE p.state <> state
SET p.state = state, p.refusal = null, p.comment = null,
    p.decided_by = CASE WHEN state <> 'open' THEN $batch.by END,
    p.decided_at = CASE WHEN state <> 'open' THEN datetime() END
