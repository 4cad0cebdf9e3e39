// Releases a request without a response to keep: a repeat does it again, with the same seed.
// access: write
// $id string: digest of caller and key
// $worker string: the process that worked on it
MATCH (r:Request {id: $id})
WHERE r.worker = $worker AND r.state = 'running'
SET r.lease_until = null
