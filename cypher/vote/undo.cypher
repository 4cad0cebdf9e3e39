// Takes back a current vote in a locked round; the one that it replaced, if there is one, counts again.
// access: write
// $key string: the current vote's key
MATCH (v:Vote {key: $key})<-[:HAS]-(r:Round)
OPTIONAL MATCH (v)-[:REPLACES]->(old:Vote)
SET v.key = null, v.current = false, v.undone_at = datetime()
SET old.key = $key, old.current = true
SET r.votes = r.votes - CASE WHEN old IS NULL THEN 1 ELSE 0 END
RETURN v.id AS id
