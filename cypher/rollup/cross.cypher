// Records with which other disciplines a locked discipline has instructions in common.
// access: write
// $id string: the discipline
// $others list: ids of the others
MATCH (r:Rollup {id: $id})
UNWIND $others AS other
MERGE (o:Rollup {id: other})
MERGE (r)-[:CROSSES]-(o)
