// Finds the old keys at a home that is merged into another.
// access: schema
CREATE INDEX old_key_home IF NOT EXISTS FOR (o:OldKey) ON (o.home)
