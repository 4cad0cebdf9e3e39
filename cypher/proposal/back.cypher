// Supersedes the open proposals of imports to remove nodes that an import has again.
// access: write
// $batch map: by, the caller; ids, of the nodes; why, what is said of the decision
UNWIND $batch.ids AS id
MATCH (:TaxonomyNode {id: id})<-[:ABOUT]-(p:Proposal {kind: 'remove', state: 'open', source: 'import'})
SET p.state = 'superseded', p.decided_by = $batch.by, p.decided_at = datetime(), p.comment = $batch.why
