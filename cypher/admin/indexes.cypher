// The indexes of the database: their numbers, which are the names of their folders, and the labels or types they are for.
// access: read
SHOW INDEXES YIELD id, labelsOrTypes
RETURN id, coalesce(labelsOrTypes, []) AS labels
