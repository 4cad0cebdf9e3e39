// The unfinished jobs that grow from one of some nodes.
// access: read
// $ids list: ids
// example: {"ids": ["0190"]}
UNWIND $ids AS id
MATCH (:TaxonomyNode {id: id})<-[:GROWS]-(j:Job) WHERE j.state IN ['planned', 'running', 'paused']
RETURN DISTINCT j.id AS id, j.state AS state ORDER BY id
