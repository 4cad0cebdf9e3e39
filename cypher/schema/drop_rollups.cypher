// Forgets what an earlier glan kept of disciplines in several properties; it is counted again when it is asked for.
// access: schema
// $limit integer: how many at once
MATCH (r:Rollup) WHERE r.known IS NOT NULL
WITH r LIMIT $limit
DETACH DELETE r
RETURN count(*) AS changed
