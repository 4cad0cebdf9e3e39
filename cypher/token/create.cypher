// Stores a token: its hash, never itself; a second one of that name breaks the constraint.
// access: write
// $id string: the token's id
// $properties map: name, live_name, hash, scopes, expires_at and created_by
CREATE (t:Token {id: $id})
SET t += $properties, t.created_at = datetime()
RETURN t {.id, .name, .scopes, .created_by, created_at: toString(t.created_at), expires_at: toString(t.expires_at), revoked_at: toString(t.revoked_at)} AS token
