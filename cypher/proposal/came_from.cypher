// Links proposals to the import or job that made them.
// access: write
// $keys list: keys of the proposals
// $id string: id of the import or job
MATCH (o:Import|Job {id: $id})
WITH o
UNWIND $keys AS key
MATCH (p:Proposal {key: key})
MERGE (p)-[:FROM]->(o)
