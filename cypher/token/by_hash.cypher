// The token of a hash, if it is neither revoked nor expired.
// access: read
// $hash string: SHA-256 of the token, as hexadecimal digits
// example: {"hash": "00"}
MATCH (t:Token {hash: $hash})
WHERE t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > datetime())
RETURN t {.id, .name, .scopes, expires_at: toString(t.expires_at)} AS token
