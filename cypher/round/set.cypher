// Changes a locked round, and notes when.
// access: write
// $id string: the round's id
// $changes map: properties to set
// $at string: the property that gets the time, such as closed_at
MATCH (r:Round {id: $id})
SET r += $changes,
    r.closed_at = CASE $at WHEN 'closed_at' THEN datetime() WHEN 'reopened_at' THEN null ELSE r.closed_at END,
    r.reopened_at = CASE $at WHEN 'reopened_at' THEN datetime() ELSE r.reopened_at END
RETURN r {.*, opened_at: toString(r.opened_at), closed_at: toString(r.closed_at), reopened_at: toString(r.reopened_at)} AS round
