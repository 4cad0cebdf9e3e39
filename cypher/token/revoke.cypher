// Revokes a token by its id, or by its name while it is not revoked.
// access: write
// $token string: id or name
MATCH (t:Token)
WHERE t.id = $token OR t.live_name = $token
SET t.revoked_at = coalesce(t.revoked_at, datetime()), t.live_name = null
RETURN t {.id, .name, .scopes, .created_by, created_at: toString(t.created_at), expires_at: toString(t.expires_at), revoked_at: toString(t.revoked_at)} AS token
