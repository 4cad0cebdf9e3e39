// All tokens, including revoked ones, newest first.
// access: read
// example: {}
MATCH (t:Token)
WITH t ORDER BY t.id DESC
RETURN t {.id, .name, .scopes, .created_by, created_at: toString(t.created_at), expires_at: toString(t.expires_at), revoked_at: toString(t.revoked_at)} AS token
