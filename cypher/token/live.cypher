// Whether there is a token that is neither revoked nor expired.
// access: read
// example: {}
RETURN EXISTS {
  MATCH (t:Token)
  WHERE t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > datetime())
} AS live
