// Keeps problems of an import, in parts that replace those of the same ids.
// access: write
// $id string: the import's id
// $parts list: maps of id, code, first (the number of the first one among those of the code), uris and texts
MATCH (i:Import {id: $id})
UNWIND $parts AS part
MERGE (p:ImportProblems {id: part.id})
SET p.code = part.code, p.first = part.first, p.uris = part.uris, p.texts = part.texts
MERGE (i)-[:HAS_PROBLEMS]->(p)
