// Says how far an import is, or how it ended, and into what it went.
// access: write
// $id string: the import's id
// $via string: rest or command
// $changes map: state, reason and counts
// $into list: ids of taxonomies
MATCH (i:Import {id: $id}) WHERE i.via = $via AND i.state IN ['running', $changes.state]
SET i += $changes, i.seen_at = datetime(),
    i.ended_at = CASE WHEN $changes.state = 'running' THEN null ELSE coalesce(i.ended_at, datetime()) END
WITH i
CALL (i) { UNWIND $into AS id MATCH (n:TaxonomyNode {id: id}) MERGE (i)-[:INTO]->(n) }
RETURN i.id AS id
