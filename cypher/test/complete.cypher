// Says that a test set has all its questions.
// access: write
// $name string: its name
// $items integer: how many
MATCH (t:GlanTest {name: $name}) WHERE t.state <> 'removed'
SET t.state = 'complete', t.items = $items, t.completed_at = coalesce(t.completed_at, datetime())
