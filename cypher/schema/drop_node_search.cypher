// Makes room for another definition of the full-text index.
// access: schema
DROP INDEX node_search IF EXISTS
