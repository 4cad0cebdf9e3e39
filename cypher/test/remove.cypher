// Takes a test set out of use unless a job makes or runs it; what it holds out stays held out. Returns whether it is out of use.
// access: write
// $name string: its name
MATCH (t:GlanTest {name: $name})
WITH t, EXISTS { MATCH (j:Job {id: t.id}) WHERE j.state IN ['planned', 'running'] }
        OR EXISTS { MATCH (t)<-[:RUNS]-(j:Job) WHERE j.state IN ['planned', 'running'] } AS busy
SET t.removed_at = CASE WHEN busy THEN t.removed_at ELSE coalesce(t.removed_at, datetime()) END,
    t.state = CASE WHEN busy THEN t.state ELSE 'removed' END
RETURN NOT busy AS removed
