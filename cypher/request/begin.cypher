// Records that a request has begun, or takes over an unfinished one whose lease has expired.
// access: write
// $id string: digest of caller and key
// $fingerprint string: digest of method, path, query and body
// $worker string: the process that asks
// $seed string: the id of what the request may create, for its first time
// $lease_ms integer: milliseconds after which an unfinished one may be taken over
MERGE (r:Request {id: $id})
  ON CREATE SET r.fingerprint = $fingerprint, r.seed = $seed, r.state = 'running', r.created_at = datetime()
SET r.touched = true
WITH r, r.fingerprint = $fingerprint AND r.state = 'running'
        AND coalesce(r.lease_until <= datetime(), true) AS mine
SET r.worker = CASE WHEN mine THEN $worker ELSE r.worker END,
    r.lease_until = CASE WHEN mine THEN datetime() + duration({milliseconds: $lease_ms}) ELSE r.lease_until END
RETURN mine, r.fingerprint = $fingerprint AS same, r.seed AS seed, r.state AS state, r.status AS status,
       r.headers AS headers, r.body AS body
