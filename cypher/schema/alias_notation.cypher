// Finds what a concept of a vocabulary was merged into, by its code.
// access: schema
CREATE INDEX alias_notation IF NOT EXISTS FOR (a:Alias) ON (a.notation_key)
