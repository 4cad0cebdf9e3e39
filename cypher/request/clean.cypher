// Forgets some requests that are older than a number of hours.
// access: write
// $hours float: how long they are kept
// $limit integer: maximum number at a time
MATCH (r:Request)
WHERE r.created_at < datetime() - duration({seconds: toInteger($hours * 3600)})
WITH r LIMIT $limit
DELETE r
RETURN count(*) AS forgotten
