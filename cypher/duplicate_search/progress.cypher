// Says how far a search for duplicates is, and how it ended.
// access: write
// $id string: the search's id
// $state string: running, done or failed
// $counts string: what it has counted (JSON)
// $reason string or null: why it failed
MATCH (s:DuplicateSearch {id: $id})
SET s.state = $state, s.counts = $counts, s.reason = $reason, s.seen_at = datetime(),
    s.ended_at = CASE WHEN $state = 'running' THEN null ELSE datetime() END
