// The number of imports by state, and what became of their concepts.
// access: read
// $alive_s integer: seconds after which an import that was not seen has stopped
// example: {"alive_s": 60}
MATCH (i:Import) WHERE i.id > ''
WITH i, CASE WHEN i.state = 'running' AND NOT i.seen_at > datetime() - duration({seconds: $alive_s})
             THEN 'interrupted' ELSE i.state END AS state
RETURN state, count(*) AS imports, sum(i.created) AS created, sum(i.updated) AS updated, sum(i.unchanged) AS unchanged,
       sum(i.existing) AS existing, sum(i.proposed) AS proposed, sum(i.conflicts) AS conflicts, sum(i.missing) AS missing,
       sum(i.errors) AS errors
