// An import, what it went into, and whether it was heard of lately.
// access: read
// $id string: the import's id
// $alive_s integer: seconds after which an import that was not seen has stopped
// example: {"id": "0190", "alive_s": 60}
MATCH (i:Import {id: $id})
RETURN i {.*, at: toString(i.at), ended_at: toString(i.ended_at), seen_at: null} AS import,
       i.state <> 'running' OR i.seen_at > datetime() - duration({seconds: $alive_s}) AS alive,
       COLLECT { MATCH (i)-[:INTO]->(n) RETURN n {.id, .name, kind: [label IN labels(n) WHERE label <> 'TaxonomyNode'][0]} ORDER BY n.id LIMIT 100 } AS into
