// Finds old keys by their normalised names: paths that were right once.
// access: schema
CREATE INDEX old_name_key IF NOT EXISTS FOR (o:OldKey) ON (o.name_key)
