// Renews the lease of a request in progress.
// access: write
// $id string: digest of caller and key
// $worker string: the process that works on it
// $lease_ms integer: milliseconds from now
MATCH (r:Request {id: $id})
WHERE r.worker = $worker AND r.state = 'running'
SET r.lease_until = datetime() + duration({milliseconds: $lease_ms})
