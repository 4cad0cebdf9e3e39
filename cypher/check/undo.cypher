// Locks a check that is undone, so that no worker takes it; no row while one runs it.
// access: write
// $id string: the check
// $step map: after, the finding up to which it is undone (null: unchanged); restored, what is added to that; writes, 1 where instructions change; done, whether nothing is left
MATCH (c:Check {id: $id})
SET c.fence = c.fence + 0
WITH c WHERE c.state IN ['paused', 'failed', 'done', 'undone'] OR c.state = 'planned' AND c.lease_until IS NULL
// A worker that was held up past its lease would otherwise still store what it had at hand.
SET c.fence = c.fence + 1, c.state = 'undone', c.undone_to = coalesce($step.after, c.undone_to, ''), c.restored = c.restored + $step.restored, c.writes = c.writes + $step.writes,
    c.undone_at = CASE WHEN $step.done THEN coalesce(c.undone_at, datetime()) ELSE c.undone_at END
RETURN c.undone_to AS undone_to
