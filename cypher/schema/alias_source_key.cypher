// Finds what a concept of a vocabulary was merged into.
// access: schema
CREATE INDEX alias_source_key IF NOT EXISTS FOR (a:Alias) ON (a.source_key)
