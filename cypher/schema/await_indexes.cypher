// Waits until all indexes can be used.
// access: schema
CALL db.awaitIndexes(300)
