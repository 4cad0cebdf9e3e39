// Links proposals to the import or job that made them.
// access: write
// $keys list: keys of the proposals
// $id string: id of the import or job
MATCH (o:Import|Job {id: $id})
MATCH (p:Proposal) WHERE p.key IN $keys
MERGE (p)-[:FROM]->(o)
