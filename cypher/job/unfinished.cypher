// The newest job that was given this very spec and has not ended.
// access: read
// $spec_key string: digest of the spec
// example: {"spec_key": ""}
MATCH (j:Job {spec_key: $spec_key}) WHERE j.state IN ['planned', 'running', 'paused', 'failed']
RETURN j.id AS id ORDER BY id DESC LIMIT 1
