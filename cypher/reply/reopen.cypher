// Gives units something to do again.
// access: write
// $ids list: ids of the units
UNWIND $ids AS id
MATCH (u:WorkUnit {id: id})
SET u.state = 'pending', u.updated_at = datetime(), u.counts = null
