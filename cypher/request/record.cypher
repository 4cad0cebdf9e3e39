// Keeps the answer of a request.
// access: write
// $id string: digest of caller and key
// $worker string: the process that worked on it
// $status integer: the status of the answer
// $headers string: the headers that matter, as JSON
// $body string: the body, compressed, as base64
MATCH (r:Request {id: $id})
WHERE r.worker = $worker AND r.state = 'running'
SET r.state = 'done', r.status = $status, r.headers = $headers, r.body = $body, r.lease_until = null
