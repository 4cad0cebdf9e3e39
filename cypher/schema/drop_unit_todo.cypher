// Drops an index of schema 1 that unit_next replaces.
// access: schema
DROP INDEX unit_todo IF EXISTS
